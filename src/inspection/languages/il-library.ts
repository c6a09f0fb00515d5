import { bytesValue, charactersOf, FROM, joined, sourcesOf, textOf, unknown, type Value } from "./il-values.ts";

/** What a call of the library returns; `undefined` leaves it to the sources of its arguments. Arguments begin with the object. */
type Meaning = (args: readonly Value[], types: readonly number[]) => Value | undefined;

const CHAR = 0x03;
const SECRET_PATH =
  /[\\/]\.ssh\b|\bid_(?:rsa|ed25519)\b|\.aws\b|\.npmrc\b|\.git-credentials|\.docker|\.kube\b|login data|local state|local storage|leveldb|wallet|keystore|cookies|key[34]\.db|logins\.json|\\?nuget\.config|\.config[\\/]gcloud|secrets\.json/i;

/** Result of a call of another assembly's member, with what it does to its arguments done. */
export function callLibrary(name: string, args: readonly Value[], types: readonly number[]): Value {
  const meaning = EXACT.get(name);
  const result = meaning?.(args, types);
  if (result !== undefined) return result;
  return unknown(sourcesOf(args) | sourceOfCall(name, args));
}

/** Where what a call returns comes from. */
export function sourceOfCall(name: string, args: readonly Value[]): number {
  if (
    /^System\.Environment::(?:get_MachineName|get_UserName|get_UserDomainName)$|^System\.Net\.Dns::GetHostName$|WindowsIdentity::GetCurrent$/.test(
      name,
    )
  )
    return FROM.host;
  if (name === "System.Environment::GetEnvironmentVariables") return FROM.environment;
  if (
    /^System\.Net\.(?:WebClient::(?:Download|OpenRead)|Http\.HttpClient::(?:Get|Send)|WebResponse::GetResponseStream|HttpWebRequest::GetResponse|Sockets\.NetworkStream::Read)/.test(
      name,
    )
  )
    return FROM.network;
  if (name.endsWith("::GetManifestResourceStream") || name === "System.Resources.ResourceManager::GetObject")
    return FROM.resource;
  if (/^System\.Security\.Cryptography\.\w{1,60}::(?:TransformFinalBlock|CreateDecryptor|Decrypt)/.test(name))
    return FROM.deciphered;
  if (/^System\.Security\.Cryptography\.ProtectedData::Unprotect/.test(name)) return FROM.secret;
  if (/Clipboard::GetText$/.test(name)) return FROM.clipboard;
  if (/^System\.DateTime(?:Offset)?::get_(?:Now|UtcNow|Today)$/.test(name)) return FROM.date;
  if (
    /^System\.IO\.(?:File::(?:Read|Open)|StreamReader::\.ctor|FileStream::\.ctor|Directory::GetFiles|DirectoryInfo::\.ctor)/.test(
      name,
    )
  )
    return args.some((arg) => SECRET_PATH.test(textOf(arg) ?? "")) ? FROM.secret : 0;
  return 0;
}

/** Whether a text is a place where programs keep secrets. */
export function isSecretPath(text: string): boolean {
  return SECRET_PATH.test(text);
}

const encoding = (_this: Value | undefined) => (_this?.type === "utf16" ? "utf16le" : "latin1") as "latin1" | "utf16le";
const mapped =
  (change: (text: string) => string): Meaning =>
  ([self]) => {
    const text = textOf(self);
    return text === undefined ? undefined : { text: change(text), from: self!.from };
  };

/** Environment.SpecialFolder, those that matter. */
const FOLDERS: Readonly<Record<number, string>> = {
  7: "%STARTUP%",
  24: "%STARTUP%",
  26: "%APPDATA%",
  28: "%LOCALAPPDATA%",
  40: "%USERPROFILE%",
};

const EXACT: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ["System.String::Concat", (args) => joined(args.length === 1 && args[0]?.items ? asValues(args[0]) : args)],
  [
    "System.String::Join",
    ([by, ...rest]) => joined(rest.length === 1 && rest[0]?.items ? asValues(rest[0]) : rest, textOf(by) ?? ""),
  ],
  [
    "System.String::Format",
    ([format, ...rest]) => formatted(format, rest.length === 1 && rest[0]?.items ? asValues(rest[0]) : rest),
  ],
  ["System.String::Replace", ([self, old, by]) => replaced(self, old, by)],
  ["System.Text.RegularExpressions.Regex::Replace", ([self, old, by]) => replaced(self, old, by)],
  ["System.String::Trim", mapped((text) => text.trim())],
  ["System.String::ToLower", mapped((text) => text.toLowerCase())],
  ["System.String::ToLowerInvariant", mapped((text) => text.toLowerCase())],
  ["System.String::ToUpper", mapped((text) => text.toUpperCase())],
  ["System.String::ToString", mapped((text) => text)],
  ["System.Object::ToString", mapped((text) => text)],
  ["System.String::Intern", mapped((text) => text)],
  ["System.String::Substring", ([self, start, length]) => substring(self, start, length)],
  ["System.String::get_Chars", ([self, index]) => characterAt(self, index)],
  ["System.String::get_Length", ([self]) => counted(textOf(self)?.length)],
  ["System.String::Split", ([self, by]) => split(self, by)],
  ["System.String::ToCharArray", ([self]) => characters(self)],
  ["System.String::.ctor", ([self, count]) => stringFrom(self, count)],
  ["System.Array::Reverse", ([array]) => reversedInPlace(array)],
  ["System.Linq.Enumerable::Reverse", ([self]) => reversed(self)],
  ["System.Linq.Enumerable::ToArray", ([self]) => self],
  ["System.Linq.Enumerable::ToList", ([self]) => self],
  ["System.Convert::FromBase64String", ([text]) => decoded(text, "base64")],
  ["System.Convert::FromHexString", ([text]) => decoded(text, "hex")],
  ["System.Convert::ToByte", ([text, radix]) => parsed(text, radix)],
  ["System.Convert::ToInt32", ([text, radix]) => parsed(text, radix)],
  ["System.Convert::ToChar", ([value]) => value],
  ["System.Int32::Parse", ([text]) => parsed(text, undefined)],
  ["System.Byte::Parse", ([text]) => parsed(text, undefined)],
  [
    "System.Char::ToString",
    ([value]) =>
      value?.number === undefined ? undefined : { text: String.fromCharCode(value.number), from: value.from },
  ],
  ["System.Text.Encoding::get_Unicode", () => ({ type: "utf16", from: 0 })],
  ["System.Text.Encoding::GetString", ([self, bytes]) => fromBytes(self, bytes)],
  ["System.Text.UTF8Encoding::GetString", ([self, bytes]) => fromBytes(self, bytes)],
  ["System.Text.ASCIIEncoding::GetString", ([self, bytes]) => fromBytes(self, bytes)],
  [
    "System.Text.Encoding::GetBytes",
    ([, text]) => (textOf(text) === undefined ? undefined : bytesValue(Buffer.from(textOf(text)!), text!.from)),
  ],
  ["System.Text.StringBuilder::.ctor", ([start]) => ({ built: textOf(start) ?? "", from: sourcesOf([start]) })],
  ["System.Text.StringBuilder::Append", (args, types) => appended(args, types)],
  [
    "System.Text.StringBuilder::AppendFormat",
    ([self, format, ...rest]) => appended([self!, formatted(format, rest)], []),
  ],
  ["System.Text.StringBuilder::AppendLine", (args, types) => appended(args, types)],
  ["System.Text.StringBuilder::Insert", ([self, index, text]) => inserted(self, index, text)],
  ["System.IO.Path::Combine", (args) => joined(args.length === 1 && args[0]?.items ? asValues(args[0]) : args, "\\")],
  ["System.IO.Path::GetTempPath", () => ({ text: "%TEMP%\\", from: 0 })],
  ["System.IO.Path::GetTempFileName", () => ({ text: "%TEMP%\\tmp", from: 0 })],
  ["System.Environment::GetFolderPath", ([folder]) => ({ text: FOLDERS[folder?.number ?? -1] ?? "%FOLDER%", from: 0 })],
  ["System.Uri::.ctor", ([text]) => text],
  ["System.Net.Http.StringContent::.ctor", (args) => joined(args.slice(0, 1))],
  ["System.Type::GetTypeFromHandle", ([handle]) => handle],
  ["System.Type::GetType", (args) => typeNamed(args)],
  ["System.Reflection.Assembly::GetType", ([, ...rest]) => typeNamed(rest)],
  ["System.Type::GetTypeFromProgID", ([text]) => ({ type: `ProgID ${textOf(text) ?? "…"}`, from: 0 })],
  [
    "System.Activator::CreateInstance",
    ([type]) => (type?.type === undefined ? undefined : { type: type.type, from: 0 }),
  ],
  ["System.Object::GetType", ([self]) => (self?.type === undefined ? undefined : self)],
  ["System.Type::GetMethod", ([type, name]) => memberOf(type, name)],
  ["System.Type::GetMember", ([type, name]) => memberOf(type, name)],
  ["System.Runtime.CompilerServices.RuntimeHelpers::InitializeArray", () => unknown()],
]);

function asValues(array: Value): readonly Value[] {
  return (array.items ?? [])
    .slice(0, 1_000)
    .map((item) => (typeof item === "number" ? { number: item, from: 0 } : item));
}

function formatted(format: Value | undefined, args: readonly Value[]): Value {
  const text = textOf(format);
  if (text === undefined) return unknown(sourcesOf([format, ...args]));
  const filled = text
    .slice(0, 4_096)
    .replace(/\{(\d)[^}]{0,20}\}/g, (_, index: string) => joined([args[Number(index)]]).text ?? "…");
  return { text: filled.slice(0, 1 << 16), from: sourcesOf([format, ...args]) };
}

function replaced(self: Value | undefined, old: Value | undefined, by: Value | undefined): Value | undefined {
  const [text, from, to] = [self, old, by].map(
    (value) => textOf(value) ?? (value?.number === undefined ? undefined : String.fromCharCode(value.number)),
  );
  if (text === undefined || !from || to === undefined) return undefined;
  const result = text.split(from, 5_000).join(to);
  return { text: result.slice(0, 1 << 16), from: sourcesOf([self, by]) };
}

function substring(self: Value | undefined, start: Value | undefined, length: Value | undefined): Value | undefined {
  const text = textOf(self);
  if (text === undefined || start?.number === undefined) return undefined;
  const end = length === undefined ? undefined : length.number === undefined ? undefined : start.number + length.number;
  return { text: text.slice(start.number, end), from: self!.from };
}

function characterAt(self: Value | undefined, index: Value | undefined): Value | undefined {
  const code = index?.number === undefined ? undefined : textOf(self)?.charCodeAt(index.number);
  return code === undefined || Number.isNaN(code) ? undefined : { number: code, from: self!.from };
}

function counted(length: number | undefined): Value | undefined {
  return length === undefined ? undefined : { number: length, from: 0 };
}

function split(self: Value | undefined, by: Value | undefined): Value | undefined {
  const text = textOf(self);
  const at =
    textOf(by) ?? charactersOf(by)?.[0] ?? (by?.number === undefined ? undefined : String.fromCharCode(by.number));
  if (text === undefined || !at) return undefined;
  return { items: text.split(at, 4_096).map((part) => ({ text: part, from: self!.from })), from: self!.from };
}

function characters(self: Value | undefined): Value | undefined {
  const text = textOf(self);
  return text === undefined
    ? undefined
    : { items: [...text.slice(0, 1 << 16)].map((one) => one.charCodeAt(0)), from: self!.from };
}

function stringFrom(self: Value | undefined, count: Value | undefined): Value | undefined {
  if (self?.number !== undefined && count?.number !== undefined)
    return {
      text: String.fromCharCode(self.number).repeat(Math.max(0, Math.min(count.number, 4_096))),
      from: self.from,
    };
  const text = charactersOf(self);
  return text === undefined ? undefined : { text, from: self!.from };
}

function reversed(self: Value | undefined): Value | undefined {
  const items = self?.items ?? characters(self)?.items;
  return items && { items: items.toReversed(), from: self!.from };
}

function reversedInPlace(array: Value | undefined): Value {
  array?.items?.reverse();
  return unknown();
}

function decoded(value: Value | undefined, form: "base64" | "hex"): Value | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : bytesValue(Buffer.from(text, form), value!.from);
}

function parsed(value: Value | undefined, radix: Value | undefined): Value | undefined {
  const text = textOf(value);
  if (text === undefined) return value?.number === undefined ? undefined : value;
  const number = Number.parseInt(
    text,
    radix?.number === 16 || radix?.number === 2 || radix?.number === 8 ? radix.number : 10,
  );
  return Number.isNaN(number) ? undefined : { number, from: value!.from };
}

function fromBytes(self: Value | undefined, bytes: Value | undefined): Value | undefined {
  const text = charactersOf(bytes, encoding(self));
  return text === undefined ? undefined : { text, from: bytes!.from };
}

function appended(args: readonly Value[], types: readonly number[]): Value | undefined {
  const [self, added] = args;
  if (!self) return undefined;
  const text =
    textOf(added) ??
    (added?.number === undefined
      ? charactersOf(added)
      : types[0] === CHAR
        ? String.fromCharCode(added.number)
        : String(added.number));
  if (self.built !== undefined) self.built = `${self.built}${text ?? (added ? "…" : "")}`.slice(0, 1 << 16);
  self.from |= sourcesOf([added]);
  return self;
}

function inserted(self: Value | undefined, index: Value | undefined, added: Value | undefined): Value | undefined {
  const text = textOf(added) ?? (added?.number === undefined ? undefined : String.fromCharCode(added.number));
  if (self?.built === undefined || index?.number === undefined || text === undefined) return self;
  self.built = `${self.built.slice(0, index.number)}${text}${self.built.slice(index.number)}`.slice(0, 1 << 16);
  return self;
}

function typeNamed([name]: readonly Value[]): Value | undefined {
  const text = textOf(name);
  return text === undefined ? undefined : { type: text.split(",", 1)[0]!.trim(), from: 0 };
}

function memberOf(type: Value | undefined, name: Value | undefined): Value | undefined {
  return type?.type === undefined ? undefined : { member: `${type.type}::${textOf(name) ?? "…"}`, from: 0 };
}
