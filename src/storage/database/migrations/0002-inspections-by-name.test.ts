import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { temporaryFolder } from "../../../../test/support/folders.ts";
import { openSqlite } from "../sqlite.ts";

test("inspections of bytes with one name stay, those of bytes with several names go with what rests on them", async (t) => {
  const path = join(temporaryFolder(), "portcullis.db");
  await (await openSqlite(path)).destroy();
  const old = new DatabaseSync(path);
  old.exec(`drop table inspections;
    create table inspections (sha256 text not null, engine text not null, findings text not null, facts text, verdict text not null,
      ms double precision not null, at bigint not null, constraint inspections_key primary key (sha256, engine));
    drop table release_indicators; drop table culprit_releases; drop table culprit_shingles; drop table culprit_files;
    drop table known_releases; drop table common_features;
    alter table url_indicators drop column forced; delete from kysely_migration where name >= '0002';
    insert into projects values (1, 'npm', 'up', 'a', null, '{}', 1, 1), (2, 'pypi', 'up', 'a', null, '{}', 1, 1);
    insert into artifacts values (1, 1, 'a-1.tgz', '1', 'x', '[]', null, 's1', 1, 1, null),
      (2, 2, 'a-1.tar.gz', '1', 'x', '[]', null, 's2', 1, 1, null), (3, 1, 'a-2.tgz', '2', 'x', '[]', null, 's2', 1, 1, null);
    insert into inspections values ('s1', 'e', '[]', null, '{}', 1, 7), ('s2', 'e', '[]', null, '{}', 1, 7);
    insert into assessments values ('default/npm', 1, 'clean', 0, '{}', 'e', '', '{}', 1),
      ('default/pypi', 2, 'clean', 0, '{}', 'e', '', '{}', 1), ('default/npm', 3, 'clean', 0, '{}', 'e', '', '{}', 1);`);
  old.close();
  const database = await openSqlite(path);
  t.after(() => database.destroy());
  const kept = await database.selectFrom("inspections").select(["sha256", "ecosystem", "filename", "at"]).execute();
  assert.deepEqual(kept, [{ sha256: "s1", ecosystem: "npm", filename: "a-1.tgz", at: 7 }]);
  const assessed = await database.selectFrom("assessments").select("artifact_id").execute();
  assert.deepEqual(assessed, [{ artifact_id: 1 }]);
});
