// A bill of materials of the packages: each of ours with its SHA-256, and every Debian package that it
// brings along, as CycloneDX 1.6 (ECMA-424), written by the standard's own library.
//   node sbom.mjs PACKAGE.deb ... >ladon.cdx.json
// Versions are those installed on this machine, on which the tests ran. The moment in it is
// SOURCE_DATE_EPOCH, so that two runs write the same bytes.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// Where npm put the library: a directory, with a slash behind it.
const require = createRequire(process.env.LADON_NPM ?? import.meta.url);
const CDX = require("@cyclonedx/cyclonedx-library");
const { PackageURL } = require("packageurl-js");

const run = (program, ...words) => execFileSync(program, words, { encoding: "utf8" });
const field = (file, name) => run("dpkg-deb", "-f", file, name).trim();

// Names of installed packages that these need, and what those need, and so on.
function closure(names) {
  const told = run("apt-cache", "depends", "--recurse", "--installed", "--no-recommends",
    "--no-suggests", "--no-conflicts", "--no-breaks", "--no-replaces", "--no-enhances", ...names);
  return [...new Set(told.split("\n").filter((line) => /^[a-z0-9]/.test(line))
    .map((line) => line.replace(/:.*$/, "")))].sort();
}

// [name, version, architecture] of those that are installed. dpkg-query exits with 1 when it does not
// know one of them (a virtual package), and tells of the others all the same.
function installed(names) {
  const format = "${Package}\t${Version}\t${Architecture}\t${db:Status-Status}\n";
  const ran = spawnSync("dpkg-query", ["-W", "-f", format, ...names], { encoding: "utf8" });
  return ran.stdout.split("\n").filter(Boolean).map((line) => line.split("\t"))
    .filter(([, , , status]) => status === "installed");
}

function component(name, version, arch, type, namespace) {
  const purl = new PackageURL("deb", namespace, name, version, { arch, distro: "debian-12" }, undefined);
  return new CDX.Models.Component(type, name, { version, purl, bomRef: purl.toString() });
}

const ours = process.argv.slice(2);
if (ours.length === 0) {
  console.error("sbom.mjs PACKAGE.deb ...");
  process.exit(2);
}
const epoch = Number(process.env.SOURCE_DATE_EPOCH ?? "0");
const bom = new CDX.Models.Bom({
  metadata: new CDX.Models.Metadata({ timestamp: new Date(epoch * 1000) }),
});
const { ComponentType, HashAlgorithm } = CDX.Enums;
const needed = new Map();
for (const file of ours) {
  const one = component(field(file, "Package"), field(file, "Version"), field(file, "Architecture"),
    ComponentType.Application, "ladon");
  one.hashes.set(HashAlgorithm["SHA-256"],
    createHash("sha256").update(readFileSync(file)).digest("hex"));
  bom.components.add(one);
  // The first of alternatives, without its version.
  const direct = field(file, "Depends").split(",").map((word) => word.trim().split(/[ |:]/)[0]);
  needed.set(one, direct);
}
const all = closure([...new Set([...needed.values()].flat())]);
const byName = new Map();
for (const [name, version, arch] of installed(all)) {
  const one = component(name, version, arch, ComponentType.Library, "debian");
  byName.set(name, one);
  bom.components.add(one);
}
for (const [one, direct] of needed) {
  for (const name of direct) {
    if (byName.has(name)) one.dependencies.add(byName.get(name).bomRef);
  }
}

const serializer = new CDX.Serialize.JsonSerializer(
  new CDX.Serialize.JSON.Normalize.Factory(CDX.Spec.Spec1dot6));
process.stdout.write(serializer.serialize(bom, { sortLists: true, space: 1 }) + "\n");
