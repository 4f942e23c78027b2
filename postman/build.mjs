#!/usr/bin/env node
// Writes vestibule.postman_collection.json from the folders in source/ and the claims in tests/golden/claims.
// With --check it writes nothing, and fails when the file is not what it would write.

import fs from 'node:fs';

import {admin} from './source/admin.mjs';
import {auditFolder} from './source/audit.mjs';
import {bulkFolder} from './source/bulk.mjs';
import {entra} from './source/clients/entra.mjs';
import {okta} from './source/clients/okta.mjs';
import {onelogin} from './source/clients/onelogin.mjs';
import {sailpoint} from './source/clients/sailpoint.mjs';
import {consent} from './source/consent.mjs';
import {devicesFolder} from './source/devices.mjs';
import {discovery} from './source/discovery.mjs';
import {domainsFolder} from './source/domains.mjs';
import {errors} from './source/errors.mjs';
import {eventFolder} from './source/events.mjs';
import {after, before} from './source/every_request.mjs';
import {groupsFolder} from './source/groups.mjs';
import {guardRails} from './source/guard_rails.mjs';
import {jit} from './source/jit.mjs';
import {lists} from './source/lists.mjs';
import {loginSettings} from './source/login_settings.mjs';
import {meFolder} from './source/me.mjs';
import {nestedGroups} from './source/nested_groups.mjs';
import {outboundFolder} from './source/outbound.mjs';
import {policy} from './source/policy.mjs';
import {prompts} from './source/prompts.mjs';
import {bearer, bodyLines, script, standingAlone} from './source/request.mjs';
import {schemas} from './source/schemas.mjs';
import {tokenFolder} from './source/tokens.mjs';
import {usersFolder} from './source/users.mjs';

const collection = {
  info: {
    _postman_id: '5d3f2a04-7a3e-4b57-9f0e-5b0c8b1d6f21',
    name: 'Vestibule',
    description: 'SCIM 2.0, just-in-time provisioning and administration of Vestibule. Every request has tests. Set the five values of '
      + 'the environment (see postman/README.md), then run the collection or any folder at the top. What a run makes has '
      + 'its run id in the name and is removed at the end of its folder.\n\nThis file is written by `node postman/build.mjs`.',
    schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
  },
  auth: bearer('scim_token'),
  event: [script('prerequest', bodyLines(before)), script('test', bodyLines(after))],
  variable: [
    {key: 'run', value: ''},
    ...Object.entries(schemas).map(([name, schema]) => ({key: `schema_${name}`, value: JSON.stringify(schema)})),
  ],
  item: [
    discovery, usersFolder, groupsFolder, nestedGroups, lists, bulkFolder, meFolder, devicesFolder, domainsFolder, okta, entra, onelogin,
    sailpoint, jit, loginSettings, prompts, policy, errors, guardRails, admin, tokenFolder, eventFolder, outboundFolder, consent,
    auditFolder,
  ].map(standingAlone),
};

const file = new URL('vestibule.postman_collection.json', import.meta.url);
const text = JSON.stringify(collection, null, 2) + '\n';
if (process.argv[2] === '--check') {
  if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== text) {
    console.error('postman/vestibule.postman_collection.json is out of date: run `node postman/build.mjs`');
    process.exit(1);
  }
} else {
  fs.writeFileSync(file, text);
}
