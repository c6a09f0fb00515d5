/**
 * The parts of a script as its parser gives them. Only what evaluation needs is kept; `start` and `end` are offsets in the text, so
 * that a part can be written again with what it came to.
 */
export type Node =
  | { readonly type: "constant"; readonly value: string | number | boolean | null | undefined; readonly raw: Span }
  | { readonly type: "regex"; readonly source: string; readonly flags: string; readonly raw: Span }
  | { readonly type: "name"; readonly name: string; readonly raw: Span }
  | { readonly type: "this"; readonly raw: Span }
  | {
      readonly type: "template";
      readonly texts: readonly string[];
      readonly parts: readonly Node[];
      readonly raw: Span;
    }
  | { readonly type: "array"; readonly items: readonly (Node | undefined)[]; readonly raw: Span }
  | { readonly type: "object"; readonly entries: readonly Entry[]; readonly raw: Span }
  | FunctionNode
  | {
      readonly type: "class";
      readonly name: string;
      readonly base: Node | undefined;
      readonly entries: readonly Entry[];
      readonly raw: Span;
    }
  | { readonly type: "unary"; readonly operator: string; readonly of: Node; readonly raw: Span }
  | { readonly type: "update"; readonly by: 1 | -1; readonly isPrefix: boolean; readonly of: Node; readonly raw: Span }
  | {
      readonly type: "binary";
      readonly operator: string;
      readonly left: Node;
      readonly right: Node;
      readonly raw: Span;
    }
  | { readonly type: "sum"; readonly parts: Node[]; readonly raw: MutableSpan }
  | {
      readonly type: "logical";
      readonly operator: string;
      readonly left: Node;
      readonly right: Node;
      readonly raw: Span;
    }
  | {
      readonly type: "assign";
      readonly operator: string;
      readonly target: Node;
      readonly value: Node;
      readonly raw: Span;
    }
  | { readonly type: "choice"; readonly test: Node; readonly then: Node; readonly otherwise: Node; readonly raw: Span }
  | CallNode
  | MemberNode
  | { readonly type: "sequence"; readonly items: readonly Node[]; readonly raw: Span }
  | { readonly type: "spread"; readonly of: Node; readonly raw: Span }
  | { readonly type: "wait"; readonly of: Node | undefined; readonly raw: Span };

/** Where a part stands in the text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}
interface MutableSpan {
  readonly start: number;
  end: number;
}

/** A call, a `new`, or a template behind its tag, which is a call with the template as its only argument. */
export interface CallNode {
  readonly type: "call";
  readonly callee: Node;
  readonly args: readonly Node[];
  readonly isNew: boolean;
  readonly raw: Span;
}

export interface MemberNode {
  readonly type: "member";
  readonly of: Node;
  /** A constant for `a.b`. */
  readonly key: Node;
  readonly isComputed: boolean;
  readonly raw: Span;
}

export interface FunctionNode {
  readonly type: "function";
  readonly name: string;
  readonly parameters: readonly Node[];
  readonly body: readonly Statement[];
  /** An arrow function of one expression: its body is one `return`. */
  readonly isArrow: boolean;
  readonly isAsync: boolean;
  readonly names: Names;
  /** The function as written. */
  readonly source: string;
  readonly raw: Span;
}

/** What is declared in a function or script, wherever it stands there. */
export interface Names {
  readonly vars: string[];
  readonly functions: FunctionNode[];
  /** `arguments` is named in it. */
  usesArguments: boolean;
}

/** A property of an object literal, or a member of a class. */
export interface Entry {
  readonly kind: "value" | "get" | "set" | "spread";
  readonly key: Node;
  readonly value: Node;
  readonly isStatic: boolean;
}

/** A statement of a parsed script, with the place it takes in the text. */
export type Statement =
  | { readonly type: "expression"; readonly of: Node; readonly raw: Span }
  | { readonly type: "hoisted"; readonly of: FunctionNode; readonly raw: Span }
  | { readonly type: "declare"; readonly isVar: boolean; readonly items: readonly Declaration[]; readonly raw: Span }
  | { readonly type: "block"; readonly body: readonly Statement[]; readonly isScope: boolean; readonly raw: Span }
  | {
      readonly type: "if";
      readonly test: Node;
      readonly then: Statement;
      readonly otherwise: Statement | undefined;
      readonly raw: Span;
    }
  | LoopStatement
  | {
      readonly type: "each";
      readonly isOf: boolean;
      readonly target: Node;
      readonly declares: boolean;
      readonly over: Node;
      readonly body: Statement;
      readonly raw: Span;
    }
  | { readonly type: "return"; readonly of: Node | undefined; readonly raw: Span }
  | { readonly type: "throw"; readonly of: Node; readonly raw: Span }
  | { readonly type: "jump"; readonly isBreak: boolean; readonly label: string; readonly raw: Span }
  | SwitchStatement
  | {
      readonly type: "try";
      readonly block: Statement;
      readonly parameter: Node | undefined;
      readonly handler: Statement | undefined;
      readonly last: Statement | undefined;
      readonly raw: Span;
    }
  | { readonly type: "label"; readonly label: string; readonly body: Statement; readonly raw: Span }
  | { readonly type: "import"; readonly module: string; readonly names: readonly ImportedName[]; readonly raw: Span }
  | { readonly type: "empty"; readonly raw: Span };

/** `for`, `while` and `do`; what is left out of the head is undefined. */
export interface LoopStatement {
  readonly type: "loop";
  readonly first: Statement | undefined;
  readonly test: Node | undefined;
  readonly step: Node | undefined;
  readonly body: Statement;
  readonly testsLast: boolean;
  readonly raw: Span;
}

/** A `switch`; the case without a test is its default. */
export interface SwitchStatement {
  readonly type: "switch";
  readonly of: Node;
  readonly cases: readonly { readonly test: Node | undefined; readonly body: readonly Statement[] }[];
  readonly raw: Span;
}

/** One name or pattern that a statement declares, and what it begins with. */
export interface Declaration {
  readonly target: Node;
  readonly value: Node | undefined;
}

/** `{ member as name }`; `member` is `*` for the whole module. */
export interface ImportedName {
  readonly member: string;
  readonly name: string;
}

/** A script that was parsed. */
export interface Script {
  readonly text: string;
  readonly body: readonly Statement[];
  readonly names: Names;
  /** All functions in it, in the order in which they end. */
  readonly functions: readonly FunctionNode[];
}

/** The parts directly inside a part, in no order. */
export function* partsOf(part: Node | Statement): Iterable<Node | Statement> {
  for (const value of Object.values(part) as unknown[]) {
    if (isPart(value)) yield value;
    else if (Array.isArray(value)) for (const item of value as unknown[]) yield* partsIn(item);
  }
}

function* partsIn(item: unknown): Iterable<Node | Statement> {
  if (isPart(item)) yield item;
  else if (typeof item === "object" && item !== null) {
    for (const value of Object.values(item) as unknown[]) {
      if (isPart(value)) yield value;
      else if (Array.isArray(value)) for (const inner of value as unknown[]) if (isPart(inner)) yield inner;
    }
  }
}

function isPart(value: unknown): value is Node | Statement {
  return typeof value === "object" && value !== null && "type" in value && "raw" in value;
}
