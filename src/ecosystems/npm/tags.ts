import { compareVersions, highest, isStable, majorOf } from "./versions.ts";

/**
 * The dist-tags over the versions that are offered. A tag that names an offered version stays. `latest` moves to the
 * highest stable offered version not above the one it named, else to the highest stable one, else to the highest: by
 * SemVer and never by time, which ties and lies. Another tag moves down only within its major and its kind (stable or
 * prerelease), and goes away when nothing is left there: `next` must not silently become another line of development.
 */
export function repointTags(
  tags: ReadonlyMap<string, string>,
  offered: { has(version: string): boolean; keys(): Iterable<string> },
): Readonly<Record<string, string>> {
  const pointed: Record<string, string> = {};
  for (const [tag, named] of tags) {
    const version = offered.has(named)
      ? named
      : tag === "latest"
        ? latestBelow(named, offered)
        : lineBelow(named, offered);
    if (version !== undefined) pointed[tag] = version;
  }
  return pointed;
}

function latestBelow(named: string, offered: { keys(): Iterable<string> }): string | undefined {
  return (
    highest(offered.keys(), (version) => isStable(version) && compareVersions(version, named) <= 0) ??
    highest(offered.keys(), isStable) ??
    highest(offered.keys())
  );
}

function lineBelow(named: string, offered: { keys(): Iterable<string> }): string | undefined {
  const major = majorOf(named);
  const stable = isStable(named);
  return highest(
    offered.keys(),
    (version) => isStable(version) === stable && majorOf(version) === major && compareVersions(version, named) <= 0,
  );
}
