/** What a call does, in the words that findings use. Sources are where something worth stealing or running comes from; sinks are where it ends. */
export type Act =
  // sources
  | "environment" // every environment variable at once
  | "host-fact" // who and where this machine is
  | "secret-file" // a file, command or variable that credentials are taken from
  | "decode" // turns unreadable text into something else
  | "clipboard"
  | "screen"
  | "keys"
  | "open" // opens a file or names a temporary one
  // both
  | "http" // asks a server; what comes back is a source
  // sinks
  | "upload" // sends a body
  | "dns"
  | "socket" // opens a connection; what comes back is a source
  | "send" // hands data to an open connection
  | "mail"
  | "start" // starts a process
  | "run-code" // compiles and runs text
  | "load-native" // writes machine code into memory, loads a library
  | "write" // writes a file
  | "install-package"
  | "browse" // opens a page in the user's browser
  | "publish";

/** Calls by resolved dotted name. A leading dot stands for a method of anything. */
const PYTHON: Readonly<Record<string, readonly Act[]>> = table({
  start: `os.system os.popen os.startfile os.spawnl os.spawnle os.spawnlp os.spawnlpe os.spawnv os.spawnve os.spawnvp os.spawnvpe os.execl
os.execle os.execlp os.execlpe os.execv os.execve os.execvp os.execvpe os.posix_spawn os.posix_spawnp subprocess.Popen subprocess.run
subprocess.call subprocess.check_call subprocess.check_output subprocess.getoutput subprocess.getstatusoutput commands.getoutput
commands.getstatusoutput pty.spawn platform.popen asyncio.create_subprocess_exec asyncio.create_subprocess_shell
distutils.spawn.spawn win32api.ShellExecute win32com.shell.shell.ShellExecuteEx ctypes.windll.shell32.ShellExecuteW
ctypes.windll.shell32.ShellExecuteA ctypes.windll.kernel32.WinExec ctypes.CDLL().system ctypes.cdll.LoadLibrary().system ctypes.cdll.msvcrt.system ctypes.CDLL().execve ctypes.CDLL().popen
posix.system nt.system popen2.popen2 popen2.popen3 os.popen2 os.popen3 sh.bash`,
  "run-code": `exec eval builtins.exec builtins.eval execfile runpy.run_path runpy.run_module code.InteractiveInterpreter types.FunctionType
__builtins__.exec __builtins__.eval imp.load_source importlib.machinery.SourceFileLoader
timeit.timeit cProfile.run pdb.run code.InteractiveInterpreter().runsource code.InteractiveInterpreter().runcode code.InteractiveConsole().push`,
  decode: `base64.b64decode base64.b32decode base64.b16decode base64.b85decode base64.a85decode base64.urlsafe_b64decode
base64.standard_b64decode base64.decodebytes base64.decodestring binascii.unhexlify binascii.a2b_base64 bytes.fromhex bytearray.fromhex
zlib.decompress gzip.decompress bz2.decompress lzma.decompress marshal.loads pickle.loads codecs.decode codecs.getdecoder
cryptography.fernet.Fernet fernet.Fernet .decrypt rot13 zlib.decompressobj`,
  http: `requests.get requests.request requests.Session requests.head requests.session urllib.request.urlopen urllib.request.urlretrieve
urllib.urlopen urllib.urlretrieve urllib2.urlopen httpx.get httpx.request httpx.stream httpx.Client httpx.AsyncClient
aiohttp.ClientSession wget.download urllib3.PoolManager urllib3.request http.client.HTTPSConnection http.client.HTTPConnection
httplib.HTTPSConnection httplib.HTTPConnection urllib.request.URLopener pycurl.Curl tls_client.Session cloudscraper.create_scraper
requests.api.get six.moves.urllib.request.urlopen six.moves.urllib.request.urlretrieve gdown.download .urlopen .urlretrieve`,
  upload: `http.client.HTTPSConnection().request http.client.HTTPConnection().request httplib.HTTPSConnection().request httplib.HTTPConnection().request
requests.post requests.put requests.patch httpx.post httpx.put discord_webhook.DiscordWebhook dhooks.Webhook discord.Webhook
discord.SyncWebhook.from_url discord.Webhook.from_url dhooks.File telebot.TeleBot telegram.Bot ftplib.FTP paramiko.SSHClient
requests.api.post boto3.client.put_object discord.Webhook.send .post .send_document .send_photo .upload_file`,
  dns: `socket.gethostbyname socket.gethostbyname_ex socket.getaddrinfo dns.resolver.resolve dns.resolver.query dns.resolver.Resolver`,
  socket: `socket.socket socket.create_connection websocket.create_connection websocket.WebSocketApp websockets.connect
socketio.Client asyncio.open_connection telnetlib.Telnet`,
  send: ".send .sendall .sendto .send_message .send_json .send_text .emit .storbinary .sendmail .publish",
  mail: "smtplib.SMTP smtplib.SMTP_SSL yagmail.SMTP",
  // What merely tells systems apart (platform.system, os.arch) is in every user agent and no fact about this machine.
  "host-fact": `socket.gethostname socket.getfqdn getpass.getuser os.getlogin os.uname platform.node platform.uname uuid.getnode
pwd.getpwuid psutil.users psutil.net_if_addrs getmac.get_mac_address netifaces.interfaces wmi.WMI`,
  clipboard: `pyperclip.paste clipboard.paste win32clipboard.GetClipboardData tkinter.Tk.clipboard_get xerox.paste pandas.read_clipboard
ctypes.windll.user32.GetClipboardData .clipboard_get`,
  screen: `PIL.ImageGrab.grab ImageGrab.grab pyautogui.screenshot mss.mss pyscreenshot.grab cv2.VideoCapture sounddevice.rec pyaudio.PyAudio
.getscreenshot`,
  keys: `pynput.keyboard.Listener pynput.keyboard.Listener.start keyboard.on_press keyboard.on_release keyboard.hook keyboard.record
pyHook.HookManager pyxhook.HookManager ctypes.windll.user32.GetAsyncKeyState ctypes.windll.user32.SetWindowsHookExA`,
  open: "open io.open codecs.open aiofiles.open tempfile.NamedTemporaryFile tempfile.mkstemp pathlib.Path.open builtins.open",
  write: `urllib.request.urlretrieve urllib.urlretrieve .urlretrieve wget.download gdown.download os.write .write .writelines .write_bytes .write_text shutil.copy shutil.copyfile shutil.copy2 shutil.move os.rename os.replace
.extractall`,
  "load-native": `ctypes.windll.kernel32.VirtualAlloc ctypes.windll.kernel32.RtlMoveMemory ctypes.windll.kernel32.CreateThread
ctypes.windll.kernel32.VirtualProtect ctypes.windll.kernel32.WriteProcessMemory ctypes.windll.kernel32.CreateRemoteThread
ctypes.windll.kernel32.VirtualAllocEx`,
  browse: "webbrowser.open webbrowser.open_new webbrowser.open_new_tab webbrowser.get().open webbrowser.get().open_new",
  "install-package": "pip.main pip._internal.main pip._internal.cli.main.main setuptools.command.easy_install.main",
});

const JAVASCRIPT: Readonly<Record<string, readonly Act[]>> = table({
  start: `child_process.exec child_process.execSync child_process.spawn child_process.spawnSync child_process.execFile
child_process.execFileSync child_process.fork node:child_process.exec node:child_process.execSync node:child_process.spawn
node:child_process.spawnSync node:child_process.execFile node:child_process.execFileSync node:child_process.fork execa execa.command
execa.execa execa.execaSync execa.execaCommand execa.execaCommandSync execa.$ shelljs.exec cross-spawn cross-spawn.spawn cross-spawn.sync Bun.spawn Bun.spawnSync Deno.Command Deno.run`,
  "run-code": `eval Function vm.runInThisContext vm.runInNewContext vm.runInContext vm.Script vm.compileFunction node:vm.runInThisContext
node:vm.runInNewContext node:vm.Script module._compile Module._compile ._compile`,
  decode: `atob Buffer.from zlib.inflateSync zlib.gunzipSync zlib.brotliDecompressSync zlib.unzipSync crypto.createDecipheriv
crypto.createDecipher node:zlib.gunzipSync node:crypto.createDecipheriv`,
  http: `fetch axios axios.get axios.request http.get http.request https.get https.request node:http.get node:https.get node:http.request
node:https.request request request.get got got.get node-fetch undici.fetch undici.request needle needle.get superagent.get
phin XMLHttpRequest cross-fetch download bent`,
  upload: `axios.post axios.put axios.patch request.post request.put got.post got.put superagent.post needle.post navigator.sendBeacon
axios.create().post axios.create().put https.request().write https.request().end http.request().write http.request().end
net.connect().write net.createConnection().write net.Socket().write net.Socket().end tls.connect().write XMLHttpRequest().send
WebSocket().send ws().send dgram.createSocket().send ftp.put http2.connect().request().write http2.connect().request().end form-data().submit`,
  mail: "nodemailer.createTransport().sendMail",
  dns: `dns.resolve6 dns.resolveCname dns.promises.resolve4 dns.promises.resolveTxt dns/promises.resolve dns/promises.lookup
dns/promises.resolve4 dns.Resolver().resolve dns.Resolver().resolve4 dns.Resolver().resolveTxt dns.lookup dns.resolve dns.resolve4 dns.resolveTxt dns.promises.lookup dns.promises.resolve node:dns.lookup node:dns.resolve
dns.Resolver`,
  socket:
    "net.connect net.createConnection net.Socket tls.connect node:net.connect node:net.Socket WebSocket ws ws.WebSocket socket.io-client dgram.createSocket",
  "host-fact": `os.hostname os.userInfo os.networkInterfaces node:os.hostname node:os.userInfo node:os.networkInterfaces
dns.getServers`,
  send: ".send .write .emit .end",
  clipboard:
    "clipboardy.read clipboardy.readSync navigator.clipboard.readText electron.clipboard.readText clipboard.readText copy-paste.paste",
  screen: "screenshot-desktop",
  keys: "node-global-key-listener node-global-key-listener.GlobalKeyboardListener iohook.on iohook.start uiohook-napi.uIOhook.on uiohook-napi.uIOhook.start",
  write: `fs.writeSync fs/promises.appendFile fs.promises.appendFile fs.writeFile fs.writeFileSync fs.appendFile fs.appendFileSync fs.createWriteStream fs.promises.writeFile node:fs.writeFileSync
node:fs.writeFile node:fs.createWriteStream fs.copyFileSync fs.renameSync fs-extra.writeFile node:fs/promises.writeFile
fs/promises.writeFile`,
  open: "fs.openSync fs.open node:fs.openSync",
  publish: "libnpmpublish.publish",
});

/** The acts of a call named `name` in a language; none for names that mean nothing here. */
export function actsOf(language: "python" | "javascript", name: string): readonly Act[] {
  const acts = language === "python" ? PYTHON : JAVASCRIPT;
  const own = acts[name];
  if (own !== undefined) return own;
  const dot = name.lastIndexOf(".");
  return dot === -1 ? [] : (acts[name.slice(dot)] ?? []);
}

/** The names of Python's calls that are acts, by act; a leading dot stands for a method of anything. */
export const PYTHON_NAMES: ReadonlyMap<Act, readonly string[]> = byAct(PYTHON);

function byAct(names: Readonly<Record<string, readonly Act[]>>): ReadonlyMap<Act, readonly string[]> {
  const found = new Map<Act, string[]>();
  for (const [name, acts] of Object.entries(names))
    for (const act of acts) found.set(act, [...(found.get(act) ?? []), name]);
  return found;
}

/** The names of JavaScript's calls that are acts, as `actsOf` knows them. */
export const JAVASCRIPT_NAMES: readonly string[] = Object.keys(JAVASCRIPT);

function table(byAct: Readonly<Partial<Record<Act, string>>>): Readonly<Record<string, readonly Act[]>> {
  const byName: Record<string, Act[]> = Object.create(null);
  for (const [act, names] of Object.entries(byAct)) {
    for (const name of names.split(/\s+/)) (byName[name] ??= []).push(act as Act);
  }
  return byName;
}
