import { createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { freePorts, portsFrom, refuseBusyPorts } from "../../dev/ports.ts";

const servers: ReturnType<typeof createServer>[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((closed) => server.close(closed));
});

const occupy = (port: number, address = "127.0.0.1") =>
  new Promise<void>((resolve, reject) => {
    const server = createServer();
    servers.push(server);
    server.once("error", reject).listen(port, address, resolve);
  });

test("the portal stands at 8787 and everything else beside it", () => {
  expect(portsFrom({}, 2)).toEqual({
    portal: 8787,
    town: 8788,
    stripe: 8789,
    resend: 8790,
    twilio: 8791,
    google: 8792,
    microsoft: 8793,
    apple: 8794,
    databases: [8795, 8796],
  });
});

test("two copies need only two numbers", () => {
  expect(portsFrom({ PORT: "9000" }, 1)).toMatchObject({ portal: 9000, town: 9001, databases: [9008] });
  expect(portsFrom({ PORT: "9000", TOWN_PORT: "9100" }, 1)).toMatchObject({
    portal: 9000,
    town: 9100,
    databases: [9107],
  });
});

test.each([
  [{ PORT: "eight" }, "PORT=eight is not a port; give a number from 1024 to 65535."],
  [{ PORT: "80" }, "PORT=80 is not a port; give a number from 1024 to 65535."],
  [{ TOWN_PORT: "65530" }, "TOWN_PORT=65530 leaves no room: 65538 is no port."],
  [{ TOWN_PORT: "8785" }, "TOWN_PORT=8785 needs 8785 to 8793, and PORT is among them."],
])("%o is refused in one sentence", (env, sentence) => {
  expect(() => portsFrom(env, 2)).toThrow(sentence);
});

test("free ports are free, and all different", async () => {
  const ports = await freePorts(2);
  const { databases, ...others } = ports;
  expect(new Set([...Object.values(others), ...databases]).size).toBe(10);
  await expect(refuseBusyPorts(ports)).resolves.toBeUndefined();
});

test("a busy port is named with what to do", async () => {
  const ports = await freePorts(2);
  await occupy(ports.portal);
  await expect(refuseBusyPorts(ports)).rejects.toThrow(
    `Port ${ports.portal}, which the portal needs, is taken by another program: stop that, or choose another with PORT=`,
  );
});

test("a busy port beside the portal's is named too", async () => {
  const ports = await freePorts(2);
  await occupy(ports.databases[1]!);
  await expect(refuseBusyPorts(ports)).rejects.toThrow(`Port ${ports.databases[1]}, which a database needs, is taken`);
});
