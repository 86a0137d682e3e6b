#!/usr/bin/env python3
"""Goal: dashboard, alert rules, runbook and documented metrics speak of the same things, and the
containers of deploy/compose.yaml are as closed as we say.

Method: the files of deploy/ compared with each other and with docs/; promtool on the rules, their
tests, the queries of the dashboard and the configuration of Prometheus.
"""

import collections
import ipaddress
import itertools
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import tomllib
import unittest

from service_test import BIN, IMPLIED, ROOT, owners_of, run, text

try:
    import yaml
except ImportError:
    yaml = None

DEPLOY = ROOT / "deploy"
PROMTOOL = shutil.which("promtool")
SUFFIXES = ("_bucket", "_count", "_sum")
# What Grafana puts in place of its variables, so that promtool can read a query.
VARIABLES = {"$__rate_interval": "1m", "$instance": ".*", "$rpc": ".*"}
PUBLISHED = {"core": ["7443:7443"], "nginx": ["443:443"]}
ROOT_MAY = {"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"}


def names_in(said):
    names = set(re.findall(r"\bladon_[a-z_]+\b", said))
    return {next((name[:-len(end)] for end in SUFFIXES if name.endswith(end)), name)
            for name in names}


def documented():
    rows = [line.split("|")[1] for line in text("docs/metrics.md").splitlines()
            if line.startswith("| `ladon_")]
    return names_in(" ".join(rows))


def bounds_of_alerts():
    """By alert, the numbers that its expression compares with."""
    bounds = {}
    for rule in text("deploy/prometheus/ladon.rules.yml").split("- alert: ")[1:]:
        expr = re.search(r"expr:(.*?)\n +for:", rule, re.S)[1]
        found = re.findall(r"(?:[<>]=?|==) (\d[\d.]*(?: \* [\d.]+)*)", expr)
        bounds[rule.split("\n")[0]] = {
            math.prod(float(factor) for factor in number.split(" * ")) for number in found}
    return bounds


def promtool(*arguments):
    return subprocess.run([PROMTOOL, *arguments], cwd=DEPLOY / "prometheus", text=True, timeout=120,
                          capture_output=True)


class DashboardTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = text("deploy/grafana/ladon.json")
        cls.dashboard = json.loads(cls.text)
        cls.rows = [panel for panel in cls.dashboard["panels"] if panel["type"] == "row"]
        cls.panels = [panel for panel in cls.dashboard["panels"] if panel["type"] != "row"]
        cls.queries = [target["expr"] for panel in cls.panels for target in panel["targets"]]

    def test_it_shows_the_documented_metrics_and_no_others(self):
        self.assertGreaterEqual(self.dashboard["schemaVersion"], 38)
        self.assertEqual(names_in("\n".join(self.queries)), documented())
        self.assertLessEqual(names_in(self.text), documented())

    def test_rules_ask_for_documented_metrics_only(self):
        self.assertLessEqual(names_in(text("deploy/prometheus/ladon.rules.yml")), documented())

    def test_every_panel_tells_what_it_is(self):
        ids = [panel["id"] for panel in self.dashboard["panels"]]
        self.assertEqual(len(ids), len(set(ids)))
        titles = [panel["title"] for panel in self.dashboard["panels"]]
        self.assertEqual(len(titles), len(set(titles)))
        self.assertEqual(len(self.rows), 6)
        for panel in self.panels:
            with self.subTest(panel["title"]):
                self.assertTrue(panel["title"] and panel["description"])
                self.assertTrue(panel["fieldConfig"]["defaults"]["unit"])
                self.assertTrue(panel["targets"])
                self.assertTrue(all(target["legendFormat"] for target in panel["targets"]))

    def test_panels_lie_beside_each_other(self):
        taken = collections.Counter()
        for panel in self.dashboard["panels"]:
            place = panel["gridPos"]
            self.assertLessEqual(place["x"] + place["w"], 24)
            taken.update(itertools.product(range(place["x"], place["x"] + place["w"]),
                                           range(place["y"], place["y"] + place["h"])))
        self.assertEqual([spot for spot, count in taken.items() if count > 1], [])

    def test_who_imports_it_chooses_the_source_of_figures(self):
        variables = {variable["name"]: variable["type"]
                     for variable in self.dashboard["templating"]["list"]}
        self.assertEqual(variables["datasource"], "datasource")
        self.assertEqual(set(re.findall(r'"uid": "([^"]*)"', self.text)),
                         {"${datasource}", "-- Grafana --"})
        self.assertLessEqual(set(re.findall(r"\$\{?([a-z]\w*)", self.text)), set(variables))

    def test_every_alert_has_a_panel_with_its_bound_and_its_entry(self):
        bounds = bounds_of_alerts()
        self.assertTrue(all(bounds.values()), bounds)
        headings = set(re.findall(r"^## (\w+)$", text("docs/runbook.md"), re.M))
        marked = set()
        for panel in self.panels:
            thresholds = panel["fieldConfig"]["defaults"]["thresholds"]
            steps = {step["value"] for step in thresholds["steps"]}
            for link in panel["links"]:
                alert = link["title"].removeprefix("Runbook: ")
                self.assertIn(alert, headings)
                self.assertEqual(link["url"], "${runbook}#" + alert.lower())
                # Above 0, of what is counted in whole numbers, is 1.
                if steps & (bounds[alert] | ({1} if 0 in bounds[alert] else set())):
                    marked.add(alert)
        self.assertEqual(marked, set(bounds))

    @unittest.skipUnless(PROMTOOL, "promtool is not installed (./dev set-up check)")
    def test_its_queries_can_be_read(self):
        rules = []
        for number, query in enumerate(self.queries):
            for variable, value in VARIABLES.items():
                query = query.replace(variable, value)
            rules.append({"record": f"query:{number}", "expr": query})
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / "queries.yml"
            path.write_text(json.dumps({"groups": [{"name": "queries", "rules": rules}]}))
            done = promtool("check", "rules", str(path))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn(f"{len(rules)} rules found", done.stdout)

    @unittest.skipUnless(PROMTOOL, "promtool is not installed (./dev set-up check)")
    def test_the_rules_are_good_and_each_fires_when_it_should(self):
        for arguments in (("check", "rules", "ladon.rules.yml"),
                          ("test", "rules", "ladon.rules_test.yml")):
            done = promtool(*arguments)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


@unittest.skipUnless(yaml, "python3-yaml is not installed")
class ContainersTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.compose = yaml.safe_load(text("deploy/compose.yaml"))
        cls.services = cls.compose["services"]

    def mounts(self):
        """Service, source, target."""
        for name, service in self.services.items():
            for mount in service.get("volumes", ()):
                yield name, *mount.split(":")[:2]

    def test_every_service_is_closed(self):
        for name, service in self.services.items():
            with self.subTest(name):
                self.assertIs(service["read_only"], True)
                self.assertEqual(service["cap_drop"], ["ALL"])
                self.assertEqual(service["security_opt"], ["no-new-privileges:true"])
                opened = {"privileged", "pid", "ipc", "devices", "volumes_from"}
                self.assertFalse(opened & set(service))
                if name == "setup":
                    self.assertLessEqual(set(service["cap_add"]), ROOT_MAY)
                    self.assertEqual(service["network_mode"], "none")
                else:
                    self.assertNotIn("cap_add", service)
                    self.assertNotEqual(service.get("network_mode"), "host")
        # Root's are those that end, and nobody starts by himself but setup.
        root = {name for name, service in self.services.items() if service.get("user") == "0:0"}
        self.assertEqual(root, {"setup", "ctl"})
        self.assertEqual({name for name, service in self.services.items() if "profiles" in service},
                         {"ctl", "backup"})

    def test_what_is_published(self):
        self.assertEqual({name: service["ports"] for name, service in self.services.items()
                          if "ports" in service}, PUBLISHED)

    def test_figures_are_seen_by_prometheus_alone(self):
        listen = re.search(r'\[metrics\]\\nlisten = \\"(127\.0\.0\.1:\d+)\\"',
                           text("server/client/host/setup_files.cc"))[1]
        config = yaml.safe_load(text("deploy/compose/prometheus.yml"))
        (job,) = config["scrape_configs"]
        self.assertEqual(job["static_configs"][0]["targets"], [listen])
        self.assertIn(f'up{{job="{job["job_name"]}"}}', text("deploy/prometheus/ladon.rules.yml"))
        prometheus = self.services["prometheus"]
        self.assertEqual(prometheus["network_mode"], "service:core")
        # It listens where no gateway is.
        (address,) = re.findall(r"--web\.listen-address=([\d.]+):",
                                " ".join(prometheus["command"]))
        self.assertEqual(address, self.services["core"]["networks"]["watch"]["ipv4_address"])
        self.assertIs(self.compose["networks"]["watch"]["internal"], True)
        for name in ("core", "prometheus"):
            self.assertIn(listen if name == "core" else address,
                          str(self.services[name]["healthcheck"]["test"]).replace("/9464", ":9464"))

    def test_networks(self):
        members = {network: {name for name, service in self.services.items()
                             if network in service.get("networks", ())
                             and "profiles" not in service}
                   for network in self.compose["networks"]}
        self.assertEqual(members, {"front": {"nginx", "gateway"}, "back": {"gateway", "core"},
                                   "watch": {"core"}})
        for service in self.services.values():
            networks = service.get("networks", {})
            for name in networks if isinstance(networks, dict) else ():
                if address := networks[name].get("ipv4_address"):
                    (pool,) = self.compose["networks"][name]["ipam"]["config"]
                    self.assertIn(ipaddress.ip_address(address),
                                  ipaddress.ip_network(pool["subnet"]))

    def test_what_is_mounted_exists(self):
        volumes = set()
        for name, source, target in self.mounts():
            with self.subTest(f"{name}: {source}"):
                if source.startswith("."):
                    self.assertTrue((DEPLOY / source).exists())
                else:
                    volumes.add(source)
                self.assertTrue(target.startswith("/"))
        self.assertEqual(volumes, set(self.compose["volumes"]))
        # Nobody else has what is the core's.
        for secret in ("etc", "state"):
            self.assertEqual({name for name, source, _ in self.mounts() if source == secret}
                             & {"gateway", "nginx", "prometheus"}, set())
        for script in ("setup", "nginx-start"):
            self.assertTrue(os.access(DEPLOY / "compose" / script, os.X_OK))
            run("/bin/sh", "-n", str(DEPLOY / "compose" / script))

    def test_those_that_stay_are_looked_after(self):
        stay = {name for name, service in self.services.items()
                if service["restart"] == "unless-stopped"}
        self.assertEqual(stay, {"core", "gateway", "nginx", "prometheus"})
        for name in stay:
            self.assertTrue(self.services[name]["healthcheck"]["test"])
            self.assertTrue(self.services[name]["depends_on"])
        for name in ("setup", "core", "ctl", "backup"):
            self.assertEqual(self.services[name]["ulimits"]["memlock"], {"soft": -1, "hard": -1})
        seconds = self.services["core"]["stop_grace_period"].rstrip("s")
        self.assertIn(f"TimeoutStopSec={seconds}\n", text("deploy/ladond.service"))

    def test_images_and_users(self):
        dockerfile, setup = text("deploy/Dockerfile"), text("deploy/compose/setup")
        stages = re.findall(r"^FROM \S+ AS (\w+)$", dockerfile, re.M)
        self.assertEqual(stages, ["build", "gateway", "core"])
        for service in self.services.values():
            if "build" not in service:
                self.assertRegex(service["image"], r":v?\d+\.\d+")
                continue
            self.assertEqual((DEPLOY / service["build"]["context"]).resolve(), ROOT)
            self.assertTrue((ROOT / service["build"]["dockerfile"]).exists())
            self.assertIn(service["build"]["target"], stages)
            self.assertEqual(service["image"], "ladon-" + service["build"]["target"])
        users = dict(re.findall(r"useradd --system --uid (\d+) --gid ([\w-]+)", dockerfile))
        self.assertEqual(sorted(users.values()), ["ladon", "ladon-gateway"])
        numbers = set(re.findall(r"install -o (\d+) ", setup))
        gateway = next(number for number, name in users.items() if name == "ladon-gateway")
        self.assertEqual(numbers, {gateway, self.services["nginx"]["user"].split(":")[0]})

    def test_the_gateway_believes_the_proxy_and_reads_its_own(self):
        config = tomllib.loads(text("deploy/compose/ladon-gateway.toml"))
        nginx = self.services["nginx"]["networks"]["front"]["ipv4_address"]
        self.assertEqual(config["gateway"]["proxies"], nginx)
        self.assertEqual(config["core"]["server"], "core:7443")
        own = dict((source, target) for name, source, target in self.mounts() if name == "gateway")
        self.assertEqual(config["core"]["identity"], own["gateway"])
        for contract in config["contract"]:
            self.assertTrue(contract["password_file"].startswith(own["gateway"] + "/"))
            # Made by the first start.
            self.assertIn("$out/" + pathlib.Path(contract["password_file"]).name,
                          text("deploy/compose/setup"))
        port = config["gateway"]["listen"].rpartition(":")[2]
        start = text("deploy/compose/nginx-start")
        self.assertIn(f"server gateway:{port};", start)

    def test_the_proxy_finds_what_it_replaces(self):
        with tempfile.TemporaryDirectory() as directory:
            start = text("deploy/compose/nginx-start")
            # /tmp/ first: the tree may lie there itself.
            for old, new in (("/tmp/", directory + "/"), ("exec nginx", "exec echo"),
                             ("/etc/nginx/ladon/nginx-gateway.conf",
                              DEPLOY / "nginx-gateway.conf")):
                self.assertIn(old, start)
                start = start.replace(old, str(new))
            run("/bin/sh", "-c", start)
            site = (pathlib.Path(directory) / "ladon-gateway.conf").read_text(encoding="utf-8")
        changed = [new.strip() for old, new in
                   zip(text("deploy/nginx-gateway.conf").splitlines(), site.splitlines(),
                       strict=True) if old != new]
        self.assertEqual(changed,
                         ["server gateway:8080;", "error_log stderr crit;"])

    @unittest.skipUnless(PROMTOOL, "promtool is not installed (./dev set-up check)")
    def test_prometheus_understands_its_configuration(self):
        mounted = {target: source for name, source, target in self.mounts() if name == "prometheus"}
        self.assertEqual(mounted["/etc/prometheus/ladon"], "./prometheus")
        config = text("deploy/compose/prometheus.yml").replace("/etc/prometheus/ladon",
                                                               str(DEPLOY / "prometheus"))
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / "prometheus.yml"
            path.write_text(config, encoding="utf-8")
            done = promtool("check", "config", str(path))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("1 rule files found", done.stdout)


class ImageTest(unittest.TestCase):
    def test_the_gateways_image_installs_what_it_needs(self):
        program = BIN / "ladon-gateway"
        if not program.is_file():
            self.skipTest(f"ladon-gateway is not in {BIN}")
        direct = set(re.findall(r"NEEDED\s+(\S+)", run("objdump", "-p", str(program))))
        paths = {os.path.realpath(path) for name, path in
                 re.findall(r"(\S+) => (/\S+)", run("ldd", str(program))) if name in direct}
        needed = owners_of(paths) - IMPLIED
        self.assertIn("libcpp-httplib0.11", needed)
        (stage,) = [part for part in text("deploy/Dockerfile").split("\nFROM ")
                    if part.split("\n")[0].endswith(" AS gateway")]
        installed = set(re.findall(r"\blib[\w.+-]+", stage.split("&& rm -rf")[0]))
        self.assertEqual(installed, needed)


if __name__ == "__main__":
    unittest.main(verbosity=2)
