import type { Command as Program } from "commander";
import type { ConfigFlags } from "../load-config.ts";

/** The options of commands that open the data folder themselves; they override environment and file. */
export function addConfigOptions(program: Program): Program {
  return program
    .option("--config <FILE>", "configuration file (default: ./portcullis.toml, else DATA/portcullis.toml)")
    .option("--data <DIR>", "data folder (default: ./data)")
    .option("--host <HOST>", "address to listen on (default: 127.0.0.1)")
    .option("--port <N>", "port to listen on, 0 for a free one (default: 8321)")
    .option("--public-url <URL>", "the URL that clients use, behind a proxy")
    .option("--log <LEVEL>", "least severe log line: debug, info, warn or error (default: info)")
    .option("--upstream-pypi <URL>", 'default PyPI upstream, or "none"')
    .option("--upstream-npm <URL>", 'default npm upstream, or "none"')
    .option("--upstream-nuget <URL>", 'default NuGet upstream, or "none"');
}

export type ConfigOptions = ConfigFlags;
