import { expect, test } from "bun:test";
import { scratchPlaces } from "../../src/execute/scratch-places.ts";

const places = (environment: Readonly<Record<string, string>>): readonly string[] =>
  scratchPlaces(environment);

test("a step may write where tools keep what they download and count for a user", () => {
  const wanted = [
    "/me/.cache",
    "/me/.npm/_cacache",
    "/me/.config/go/telemetry",
    "/me/go/pkg/mod",
    "/me/.cargo/registry",
  ];
  expect(places({ HOME: "/me" })).toEqual(expect.arrayContaining(wanted));
});

test("a step may write where variables put these instead", () => {
  const environment = {
    HOME: "/me",
    XDG_CONFIG_HOME: "/etc/me",
    GOCACHE: "/var/go-build",
    GOPATH: "/var/go:/srv/go",
    CARGO_HOME: "/var/cargo",
  };
  const wanted = [
    "/etc/me/go/telemetry",
    "/var/go-build",
    "/var/go/pkg/mod",
    "/var/cargo/registry",
  ];
  expect(places(environment)).toEqual(expect.arrayContaining(wanted));
  expect(places(environment)).not.toContain("/me/.cargo/registry");
});

test("a step may not write where a tool keeps what was asked of it, or programs", () => {
  const kept = ["/me", "/me/.config", "/me/go", "/me/go/bin", "/me/.cargo"];
  expect(places({ HOME: "/me" }).filter((place) => kept.includes(place))).toEqual([]);
});

test("without a home there are places for temporary files alone", () => {
  expect(places({})).toEqual(["/tmp", "/var/tmp", "/dev/shm"]);
});
