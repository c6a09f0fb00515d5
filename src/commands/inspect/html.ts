import type { VerdictWord } from "../../catalog/model.ts";
import { html } from "../../lib/html.ts";
import { page } from "../../report/page.ts";
import { releaseArticle, releaseIndex } from "../../report/release.ts";
import type { Writer, WriterOptions } from "./formats.ts";
import type { Result } from "./result.ts";

/** Releases that are shown in full; of further ones only the verdict. */
const MOST_ARTICLES = 200;
/** Releases that are listed at all. */
const MOST_LISTED = 20_000;

/** One page that needs nothing but itself: what a reviewer needs of each release. Written at the end, as it begins with the list of all. */
export function htmlWriter({ version }: WriterOptions): Writer {
  const articles: ReturnType<typeof html>[] = [];
  const listed: {
    readonly path: string;
    readonly verdict: VerdictWord;
    readonly score: number;
    readonly id?: string;
  }[] = [];
  return {
    result(result: Result) {
      const id = articles.length < MOST_ARTICLES ? `release-${articles.length + 1}` : undefined;
      if (id !== undefined) articles.push(releaseArticle(result, id));
      const { path, verdict, score } = result;
      if (listed.length < MOST_LISTED) listed.push({ path, verdict, score, ...(id && { id }) });
      return "";
    },
    end({ counts }) {
      const index =
        listed.length > 1 &&
        releaseIndex(
          listed,
          listed.map(({ id }) => id),
        );
      const words = Object.entries(counts).flatMap(([word, number]) => (number > 0 ? [`${number} ${word}`] : []));
      const title = listed.length === 1 ? `${listed[0]!.verdict}: ${listed[0]!.path}` : words.join(", ");
      return page(
        `${title} · Portcullis`,
        html`<a class="skip" href="#main">To the releases</a>${index}<main id="main">${articles}</main>
<footer>Portcullis ${version}. Everything shown here comes from the packages: it is cut, escaped, and leads nowhere. ${words.join(", ")}.</footer>`,
      ).text;
    },
  };
}
