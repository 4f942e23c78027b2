// A SCIM 2.0 service made of SCIMMY, an implementation that shares nothing with ours. Keeps users and groups in memory and prints
// its URL. `/control` is not SCIM: PUT {"status": 503, "retryAfter": 1} has every request answered so, {"status": 0} ends that, and
// GET tells what is there and which requests came.

import {randomUUID} from "node:crypto";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const token = process.argv[2];
const store = {User: new Map(), Group: new Map()};
let forced = {status: 0};
let requests = [];

function conflict(kind, key, value, id) {
  for (const [other, resource] of store[kind]) {
    if (other !== id && resource[key]?.toLowerCase() === value?.toLowerCase()) return true;
  }
  return false;
}

function declare(kind, key) {
  SCIMMY.Resources.declare(SCIMMY.Resources[kind], {
    ingress(resource, data) {
      const id = resource.id ?? randomUUID();
      if (resource.id && !store[kind].has(id)) throw new SCIMMY.Types.Error(404, null, `Resource ${id} not found`);
      if (conflict(kind, key, data[key], id)) throw new SCIMMY.Types.Error(409, "uniqueness", `${key} is taken`);
      const kept = {...JSON.parse(JSON.stringify(data)), id};
      store[kind].set(id, kept);
      return kept;
    },
    egress(resource) {
      if (resource.id) {
        const found = store[kind].get(resource.id);
        if (!found) throw new SCIMMY.Types.Error(404, null, `Resource ${resource.id} not found`);
        return found;
      }
      const all = [...store[kind].values()];
      return resource.filter ? resource.filter.match(all) : all;
    },
    degress(resource) {
      if (!store[kind].delete(resource.id)) throw new SCIMMY.Types.Error(404, null, `Resource ${resource.id} not found`);
      for (const group of store.Group.values()) {
        group.members = (group.members ?? []).filter(({value}) => value !== resource.id);
      }
    },
  });
}

declare("User", "userName");
declare("Group", "displayName");

const app = express();
app.use("/control", express.json());
app.get("/control", (request, response) => {
  response.json({users: [...store.User.values()], groups: [...store.Group.values()], requests});
});
app.put("/control", (request, response) => {
  forced = request.body;
  requests = [];
  response.sendStatus(204);
});
app.use((request, response, next) => {
  requests.push(`${request.method} ${request.path}`);
  if (!forced.status) return next();
  if (forced.retryAfter) response.set("Retry-After", String(forced.retryAfter));
  return response.status(forced.status).json({
    schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"], status: String(forced.status), detail: forced.detail ?? "forced",
  });
});
app.use("/scim/v2", new SCIMMYRouters({
  type: "bearer",
  handler(request) {
    if (request.header("Authorization") !== `Bearer ${token}`) throw new Error("the token is wrong");
    return "vestibule";
  },
}));
const server = app.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
