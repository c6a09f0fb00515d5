/** Notes that a file was not looked into as far as something asked for; the first reason stays. See `SourceFile.unread`. */
export function noteUnread(file: object, why: string): void {
  (file as { unread?: string }).unread ??= why;
}
