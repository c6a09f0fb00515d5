import type { FileKind, Review, ReviewedFile, ReviewedLayer, ReviewedManifest } from "./model.ts";
import { list, number, oneOf, record, text, texts } from "./read-values.ts";
import { FILE_KINDS, PHASES } from "./words.ts";

const PATH = 8_192;
const LARGEST = 1e13;
const MOST_LINES = 20_000;

/** A review as an inspector process tells it, every member checked. Throws a TypeError. */
export function readReview(value: unknown): Review {
  const it = record(value, "review");
  return {
    files: list(it["files"], 100_000, "review.files").map(file),
    omittedFiles: count(it["omittedFiles"], "review.omittedFiles"),
    layers: list(it["layers"], 1_000, "review.layers").map(layer),
    omittedLayers: count(it["omittedLayers"], "review.omittedLayers"),
    excerpts: list(it["excerpts"], MOST_LINES, "review.excerpts").map(excerpt),
    omittedExcerpts: count(it["omittedExcerpts"], "review.omittedExcerpts"),
    ...(it["manifest"] === undefined ? {} : { manifest: manifest(it["manifest"]) }),
    remarks: list(it["remarks"], 1_000, "review.remarks").map((one) => {
      const { path, says } = record(one, "remark");
      return { path: text(path, PATH, "remark.path"), says: text(says, PATH, "remark.says") };
    }),
    ...(it["texts"] === undefined ? {} : { texts: texts(it["texts"], "review.texts", 1 << 20) }),
  };
}

function file(value: unknown): ReviewedFile {
  const it = record(value, "file");
  return {
    path: text(it["path"], PATH, "file.path"),
    place: text(it["place"], PATH, "file.place"),
    size: count(it["size"], "file.size"),
    kind: kind(it["kind"]),
    phase: oneOf(it["phase"], PHASES, "file.phase"),
  };
}

function layer(value: unknown): ReviewedLayer {
  const it = record(value, "layer");
  return {
    number: count(it["number"], "layer.number"),
    ...(it["parent"] === undefined ? {} : { parent: count(it["parent"], "layer.parent") }),
    path: text(it["path"], PATH, "layer.path"),
    line: count(it["line"], "layer.line"),
    depth: count(it["depth"], "layer.depth"),
    kind: kind(it["kind"]),
    size: count(it["size"], "layer.size"),
    text: text(it["text"], 1 << 20, "layer.text"),
  };
}

function excerpt(value: unknown): Review["excerpts"][number] {
  const it = record(value, "excerpt");
  return {
    path: text(it["path"], PATH, "excerpt.path"),
    ...(it["layer"] === undefined ? {} : { layer: count(it["layer"], "excerpt.layer") }),
    line: count(it["line"], "excerpt.line"),
    before: count(it["before"], "excerpt.before"),
    text: text(it["text"], PATH, "excerpt.text"),
    after: count(it["after"], "excerpt.after"),
  };
}

function manifest(value: unknown): ReviewedManifest {
  const it = record(value, "manifest");
  const optional = (name: "description" | "homepage" | "repository") =>
    it[name] === undefined ? {} : { [name]: text(it[name], PATH, `manifest.${name}`) };
  return {
    path: text(it["path"], PATH, "manifest.path"),
    name: text(it["name"], PATH, "manifest.name"),
    version: text(it["version"], PATH, "manifest.version"),
    ...optional("description"),
    ...optional("homepage"),
    ...optional("repository"),
    authors: list(it["authors"], 100, "manifest.authors").map((one) => text(one, PATH, "manifest.authors")),
    hooks: texts(it["hooks"], "manifest.hooks"),
    dependencies: texts(it["dependencies"], "manifest.dependencies"),
    entryPoints: texts(it["entryPoints"], "manifest.entryPoints"),
  };
}

function kind(value: unknown): FileKind {
  return oneOf(value, FILE_KINDS, "kind");
}

function count(value: unknown, what: string): number {
  return number(value, 0, LARGEST, what);
}
