import type { Detector } from "../detector.ts";
import { textOf } from "../languages/il-values.ts";
import { actedOf, assembliesWith, phaseOf } from "./_dotnet.ts";

const LITERALS = ["registry", "getfolderpath", "startup"] as const;
const WRITES =
  /^Microsoft\.Win32\.Registry(?:Key)?::(?:CreateSubKey|OpenSubKey|SetValue)$|^System\.IO\.File::(?:Copy|Move|WriteAll\w{1,12}|Create)$/;
const PLACE = /\\CurrentVersion\\Run(?:Once)?\b|%STARTUP%|\\Start Menu\\Programs\\Startup\\/i;

export const assemblySettlesIn: Detector = {
  id: "assembly-settles-in",
  title: "An assembly has Windows start something at every login",
  severity: "high",
  ecosystems: ["nuget"],
  points: 4.6,
  class: "threat",
  group: "persistence",
  why: `The code writes to the Run keys of the registry or into the Startup folder. Doing that as a side effect of being loaded is how implants
survive a restart; what is written there is worked out however it is put together.

Libraries for desktop programs offer it as a function that their user calls; only then it counts little.`,
  literals: LITERALS,
  *detect(tree) {
    for (const { file, assembly } of assembliesWith(tree, LITERALS)) {
      for (const call of actedOf(assembly).calls) {
        const place = WRITES.test(call.member)
          ? call.args.map(textOf).find((text) => text !== undefined && PLACE.test(text))
          : undefined;
        if (place === undefined) continue;
        yield {
          path: file.path,
          line: null,
          phase: phaseOf(file, assembly, call),
          says: `writes to ${place.slice(0, 100)}`,
        };
        break;
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            'assembly Demo\nmethod <Module>::.cctor calls "Software\\Microsoft\\Windows\\CurrentVersion\\Run", Microsoft.Win32.RegistryKey::CreateSubKey/1>',
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            'assembly Demo\nmethod <Module>::.cctor calls "Software\\Demo\\Settings", Microsoft.Win32.RegistryKey::CreateSubKey/1>',
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            'assembly Demo\nmethod Demo.A::.cctor calls "a.exe", #7, System.Environment::GetFolderPath/1>, "b.exe", System.IO.Path::Combine/2>, System.IO.File::Copy/2',
        },
      },
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            'assembly Demo\nmethod Demo.A::.cctor calls "Software\\Microsoft\\Windows\\Current", "Version\\Run", System.String::Concat/2>, Microsoft.Win32.RegistryKey::OpenSubKey/1>',
        },
      },
    ],
  },
};
