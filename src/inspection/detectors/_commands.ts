/** How much of an attack a command line for a build is: what several detectors of build files weigh. */

const FETCH =
  /\b(?:curl|wget|invoke-webrequest|invoke-restmethod|iwr|irm|downloadfile|downloadstring|downloaddata|start-bitstransfer|bitsadmin|net\.webclient|httpclient)\b|certutil[^\n]{0,60}urlcache|\\\\[\w.-]{1,60}@?\w{0,6}\\/i;
const HIDE =
  /-w(?:in|indow|indowstyle)?[ \t"']{1,4}(?:hidden|h\b|1\b)|[ \t]-e(?:c|nc|ncodedcommand)[ \t"']{1,4}[a-z0-9+/=$%(]{4}|frombase64string|createnowindow|start[ \t]{1,4}\/(?:b|min)\b/i;
const RUN =
  /\b(?:iex|invoke-expression|start-process|invoke-item|saps)\b|&&|\|[ \t]{0,4}(?:ba|z)?sh\b|;[ \t]{0,4}(?:\.|start\b|&)|chmod[ \t]{1,4}[+\w]{1,6}[ \t]|\.exe\b[^\n]{0,200}\.exe\b/i;
/** Commands that no build needs: script hosts fed from the network, scheduled tasks, run keys, decoding programs. */
const NEVER =
  /mshta(?:\.exe)?[ \t"']{1,4}(?:https?|javascript|vbscript):|regsvr32[^\n]{0,80}(?:scrobj|\/i:)|rundll32[^\n]{0,80}(?:javascript|\\temp\\|%temp%)|certutil[^\n]{0,40}-decode|schtasks[^\n]{0,40}\/create|reg(?:\.exe)?[ \t]{1,4}add[^\n]{0,200}currentversion\\run|wmic[^\n]{0,60}process[^\n]{0,20}call|add-mppreference|set-mppreference|\/dev\/tcp\/|crontab[ \t]{1,4}-/i;

/** 0 for ordinary commands, 0.5 for one that only fetches, 1 for fetching and running or for what no build needs. */
export function attackShare(command: string): number {
  const plain = plainCommand(command);
  return Math.max(shareOf(command), plain === command ? 0 : shareOf(plain));
}

function shareOf(command: string): number {
  if (NEVER.test(command)) return 1;
  const [fetches, hides, runs] = [FETCH.test(command), HIDE.test(command), RUN.test(command)];
  if (fetches && (hides || runs)) return 1;
  if (hides) return 0.8;
  return fetches ? 0.5 : 0;
}

/** Characters of a command that are looked through for what hides its words, and values that are put in. */
const LONGEST_PLAIN = 100_000;
const MOST_VARIABLES = 20;
const LONGEST_TEXT = 1 << 20;
const ASSIGNS =
  /(?:^|[\s;&|("'])(?:set[ \t]{1,4}"?|export[ \t]{1,4}|\$)?([A-Za-z_]\w{0,40})=(?:"([^"\n]{1,400})"|'([^'\n]{1,400})'|([^\s;&|"']{1,400}))/gi;

/** The command without what shells take out of words (`c^url`, `c""url`, `c\u\r\l`), and with its own variables put in. */
export function plainCommand(written: string): string {
  if (written.length > LONGEST_PLAIN) return written;
  let text = written
    .replace(/\^(?=\S)/g, "")
    .replace(/(?<=\w)(?:""|'')(?=\w)/g, "")
    .replace(/(?<=\b[a-z])\\(?=[a-z](?:\\|\b))/gi, "");
  const assigned = [...text.matchAll(ASSIGNS)].slice(0, MOST_VARIABLES);
  for (const [, name = "", double, single, bare] of assigned) {
    const value = double ?? single ?? bare ?? "";
    const uses = text.split(new RegExp(`%${name}%|!${name}!|\\$\\{${name}\\}|\\$${name}(?![\\w=])`, "i"), 100);
    if (uses.length * value.length + text.length > LONGEST_TEXT) break;
    text = uses.join(value);
  }
  return text;
}
