#include "app/config_keys.h"

#include <fmt/format.h>

#include "app/config_complaints.h"
#include "base/unicode.h"

namespace vestibule::app {
std::string ConfigKey::dotted() const {
  return section.empty() ? std::string(name) : fmt::format("{}.{}", section, name);
}

std::string ConfigKey::variable() const {
  std::string text = "VESTIBULE_" + upperAscii(dotted());
  std::replace(text.begin(), text.end(), '.', '_');
  return text;
}

const std::vector<ConfigKey>& configKeys() {
  static const std::vector<ConfigKey> kKeys = {
      {.section = "",
       .name = "data_dir",
       .meaning = "The folder of the private MariaDB, made when missing. Only one Vestibule at a "
                  "time can own it.",
       .field = [](Config& c) -> ConfigField { return &c.data_dir; },
       .complaint = complainAboutEmpty},

      {.section = "server",
       .name = "public_address",
       .meaning = "Where SCIM is served: a numeric IPv4 or IPv6 address. "
                  "0.0.0.0 or :: for all.",
       .field = [](Config& c) -> ConfigField { return &c.server.public_address; },
       .complaint = complainAboutAddress},
      {.section = "server",
       .name = "public_port",
       .meaning = "0 takes a free one.",
       .field = [](Config& c) -> ConfigField { return &c.server.public_port; },
       .least = 0,
       .most = 65'535},
      {.section = "server",
       .name = "internal_address",
       .meaning = "Where JIT provisioning, administration and metrics are served. Keep it out of "
                  "reach of the public.",
       .field = [](Config& c) -> ConfigField { return &c.server.internal_address; },
       .complaint = complainAboutAddress},
      {.section = "server",
       .name = "internal_port",
       .meaning = "0 takes a free one.",
       .field = [](Config& c) -> ConfigField { return &c.server.internal_port; },
       .least = 0,
       .most = 65'535},
      {.section = "server",
       .name = "public_url",
       .meaning = "The URL by which clients reach the public address, when that is not what their "
                  "Host header says (behind a "
                  "proxy, say). Every meta.location and $ref begins with it. Empty: http:// (with "
                  "public_tls_certificate https://) and the Host header.",
       .field = [](Config& c) -> ConfigField { return &c.server.public_url; },
       .complaint = complainAboutPublicUrl,
       .example = "https://scim.example.com"},
      {.section = "server",
       .name = "public_tls_certificate",
       .meaning =
           "PEM file of the certificate by which the public address serves HTTPS, with those "
           "that lead to its root behind it. SIGHUP has it read again. Empty: plain HTTP. "
           "See docs/tls.md.",
       .field = [](Config& c) -> ConfigField { return &c.server.public_tls_certificate; },
       .example = "/etc/vestibule/public.pem"},
      {.section = "server",
       .name = "public_tls_key",
       .meaning = "PEM file of the private key of public_tls_certificate, without a passphrase.",
       .field = [](Config& c) -> ConfigField { return &c.server.public_tls_key; },
       .example = "/etc/vestibule/public.key"},
      {.section = "server",
       .name = "internal_tls_certificate",
       .meaning = "The same for the internal address.",
       .field = [](Config& c) -> ConfigField { return &c.server.internal_tls_certificate; },
       .example = "/etc/vestibule/internal.pem"},
      {.section = "server",
       .name = "internal_tls_key",
       .meaning = "PEM file of the private key of internal_tls_certificate, without a passphrase.",
       .field = [](Config& c) -> ConfigField { return &c.server.internal_tls_key; },
       .example = "/etc/vestibule/internal.key"},
      {.section = "server",
       .name = "internal_tls_client_ca",
       .meaning = "PEM file of certificate authorities: the internal address then takes only "
                  "clients with a certificate of one of these. They need a token all the same.",
       .field = [](Config& c) -> ConfigField { return &c.server.internal_tls_client_ca; },
       .example = "/etc/vestibule/gateways-ca.pem"},
      {.section = "server",
       .name = "internal_tls_client_crl",
       .meaning = "PEM file of revocation lists: a client is refused whose certificate is on the "
                  "list of its issuer, or whose issuer has none there that is up to date. SIGHUP "
                  "has it read again. Empty: no certificate is revoked.",
       .field = [](Config& c) -> ConfigField { return &c.server.internal_tls_client_crl; },
       .example = "/etc/vestibule/gateways-crl.pem"},
      {.section = "server",
       .name = "io_threads",
       .meaning = "Threads that read and frame requests, for each of the two addresses.",
       .field = [](Config& c) -> ConfigField { return &c.server.io_threads; },
       .least = 1,
       .most = 64},
      {.section = "server",
       .name = "workers",
       .meaning = "Threads that handle requests, for each of the two addresses: one that is stuck "
                  "leaves the other alone. Each may use one database connection.",
       .field = [](Config& c) -> ConfigField { return &c.server.workers; },
       .least = 1,
       .most = 512},
      {.section = "server",
       .name = "queue",
       .meaning = "Requests that may wait for a worker, for each of the two addresses; what comes "
                  "on top is answered 503 with Retry-After.",
       .field = [](Config& c) -> ConfigField { return &c.server.queue; },
       .least = 1,
       .most = 1'000'000},
      {.section = "server",
       .name = "max_connections",
       .meaning = "Open connections, for each of the two addresses; those beyond are turned away. "
                  "Each takes two file descriptors: where the process may not open so many, fewer "
                  "are taken, and the log says how many.",
       .field = [](Config& c) -> ConfigField { return &c.server.max_connections; },
       .least = 1,
       .most = 1'000'000},
      {.section = "server",
       .name = "body_bytes",
       .meaning = "The largest request body.",
       .field = [](Config& c) -> ConfigField { return &c.server.body_bytes; },
       .least = 1024,
       .most = 1U << 30U},
      {.section = "server",
       .name = "drain_seconds",
       .meaning = "How long a stop waits for the requests that are being handled.",
       .field = [](Config& c) -> ConfigField { return &c.server.drain_seconds; },
       .least = 0,
       .most = 3600},

      {.section = "database",
       .name = "url",
       .meaning = "A MySQL (8.0.21 or newer) or MariaDB (10.6 or newer) server: "
                  "mysql://user:password@host:port/ or "
                  "mysql://user@/?socket=/path, percent-encoded. Left out, Vestibule runs a "
                  "private MariaDB of its own.",
       .field = [](Config& c) -> ConfigField { return &c.database.url; },
       .complaint = complainAboutDatabaseUrl,
       .example = "mysql://vestibule:password@127.0.0.1:3306/",
       .secret = true},
      {.section = "database",
       .name = "schema_prefix",
       .meaning = "How the names of all schemas begin: the control schema is {prefix}_control.",
       .field = [](Config& c) -> ConfigField { return &c.database.schema_prefix; },
       .complaint = complainAboutSchemaPrefix},
      {.section = "database",
       .name = "connect_seconds",
       .meaning = "How long a connection to the database may take.",
       .field = [](Config& c) -> ConfigField { return &c.database.connect_seconds; },
       .least = 1,
       .most = 600},
      {.section = "database",
       .name = "read_seconds",
       .meaning = "How long the database may take to answer a statement. More than "
                  "lock_wait_seconds.",
       .field = [](Config& c) -> ConfigField { return &c.database.read_seconds; },
       .least = 1,
       .most = 3600},
      {.section = "database",
       .name = "lock_wait_seconds",
       .meaning = "How long a statement waits for a row that another transaction holds.",
       .field = [](Config& c) -> ConfigField { return &c.database.lock_wait_seconds; },
       .least = 1,
       .most = 600},
      {.section = "database",
       .name = "secret_key_file",
       .meaning = "File with the keys, made by `vestibule secret new-key`, under which secrets are "
                  "sealed before they are stored: a key a line, of which the first seals and all "
                  "open. Empty: secrets are stored as they are. See docs/secrets.md.",
       .field = [](Config& c) -> ConfigField { return &c.database.secret_key_file; },
       .example = "/etc/vestibule/secret.keys"},
      {.section = "database",
       .name = "mariadbd",
       .meaning = "Private MariaDB: the server program. Empty: looked for in $PATH and where "
                  "Debian puts it.",
       .field = [](Config& c) -> ConfigField { return &c.database.mariadbd; },
       .complaint = complainAboutProgram,
       .example = "/usr/sbin/mariadbd"},
      {.section = "database",
       .name = "buffer_pool_mb",
       .meaning =
           "Private MariaDB: memory for data, in MiB. Best when the whole of a busy domain fits.",
       .field = [](Config& c) -> ConfigField { return &c.database.tuning.buffer_pool_mb; },
       .least = 8,
       .most = 1U << 20U},
      {.section = "database",
       .name = "redo_log_mb",
       .meaning = "Private MariaDB: size of the redo log, in MiB. More makes long bursts of writes "
                  "faster and the recovery "
                  "after a crash slower.",
       .field = [](Config& c) -> ConfigField { return &c.database.tuning.redo_log_mb; },
       .least = 8,
       .most = 1U << 16U},
      {.section = "database",
       .name = "max_connections",
       .meaning = "Private MariaDB: connections it accepts. At least twice server.workers, "
                  "jit.queue_workers, events.senders, and 10 for what runs beside them.",
       .field = [](Config& c) -> ConfigField { return &c.database.tuning.max_connections; },
       .least = 18,
       .most = 10'000},
      {.section = "database",
       .name = "server_options",
       .meaning = "Private MariaDB: further options of mariadbd by name, except those on which "
                  "Vestibule relies. As a "
                  "variable: name=value,name=value.",
       .field = [](Config& c) -> ConfigField { return &c.database.tuning.options; },
       .example = R"({ innodb-io-capacity = "1000" })"},

      {.section = "scim",
       .name = "schema_dir",
       .meaning = "The folder of attribute schemas and resource types. Empty: those that came with "
                  "Vestibule.",
       .field = [](Config& c) -> ConfigField { return &c.scim.schema_dir; },
       .example = "/etc/vestibule/scim-schemas"},
      {.section = "scim",
       .name = "max_results",
       .meaning = "The most resources that one page of a list holds.",
       .field = [](Config& c) -> ConfigField { return &c.scim.max_results; },
       .least = 1,
       .most = 10'000},
      {.section = "scim",
       .name = "scan_limit",
       .meaning = "The most rows read for a filter or an order that no index serves; beyond, the "
                  "answer is the error tooMany.",
       .field = [](Config& c) -> ConfigField { return &c.scim.scan_limit; },
       .least = 1,
       .most = 100'000'000},
      {.section = "scim",
       .name = "bulk_operations",
       .meaning = "The most operations of one bulk request. They run one after the other.",
       .field = [](Config& c) -> ConfigField { return &c.scim.bulk_operations; },
       .least = 1,
       .most = 10'000},
      {.section = "scim",
       .name = "bulk_payload_bytes",
       .meaning = "The largest body of a bulk request; server.body_bytes does not count for it.",
       .field = [](Config& c) -> ConfigField { return &c.scim.bulk_payload_bytes; },
       .least = 1024,
       .most = 1U << 30U},
      {.section = "scim",
       .name = "cursor_seconds",
       .meaning = "How long a client may take from one page of a list to the next by cursor.",
       .field = [](Config& c) -> ConfigField { return &c.scim.cursor_seconds; },
       .least = 10,
       .most = 604'800},
      {.section = "scim",
       .name = "require_if_match",
       .meaning = "Whether a PUT, PATCH or DELETE has to name the version it changes: by If-Match, "
                  "in a bulk request by version. What does not is refused by 428. Okta and Entra "
                  "ID do not name it.",
       .field = [](Config& c) -> ConfigField { return &c.scim.require_if_match; }},
      {.section = "scim",
       .name = "tolerances",
       .meaning = "Which deviations of clients from the RFCs are accepted where neither the token "
                  "nor the user store domain says anything: a preset (strict, entra, okta or "
                  "default), and behind it changes such as +members_replace_adds or "
                  "-string_booleans, all with commas between them. See docs/tolerances.md.",
       .field = [](Config& c) -> ConfigField { return &c.scim.tolerances; },
       .complaint = complainAboutTolerances},

      {.section = "jit",
       .name = "ca_file",
       .meaning =
           "PEM file of the certificate authorities that may vouch for the servers from which "
           "the keys of ID tokens are read, in place of those that the system trusts. Empty: "
           "the system's.",
       .field = [](Config& c) -> ConfigField { return &c.jit.ca_file; },
       .example = "/etc/vestibule/idp-ca.pem"},
      {.section = "jit",
       .name = "queue_workers",
       .meaning = "Threads that run queued provisions (jit.mode non-blocking of an identity "
                  "provider). All servers on one database share the queue; 0 leaves it to the "
                  "others.",
       .field = [](Config& c) -> ConfigField { return &c.jit.queue_workers; },
       .least = 0,
       .most = 128},
      {.section = "jit",
       .name = "operation_attempts",
       .meaning = "How often a queued provision is tried while the server itself fails, ever "
                  "later, from a second to five minutes; then an operator has to retry or drop it.",
       .field = [](Config& c) -> ConfigField { return &c.jit.operation_attempts; },
       .least = 1,
       .most = 1'000},
      {.section = "jit",
       .name = "operation_hours",
       .meaning = "How long the end of a queued provision and the answer under an Idempotency-Key "
                  "are remembered.",
       .field = [](Config& c) -> ConfigField { return &c.jit.operation_hours; },
       .least = 1,
       .most = 8'760},

      {.section = "consent",
       .name = "jurisdiction",
       .meaning = "Whose law applies to consent, as receipts say it: a country or a region.",
       .field = [](Config& c) -> ConfigField { return &c.consent.jurisdiction; },
       .complaint = complainAboutLine,
       .example = "DE"},
      {.section = "consent",
       .name = "language",
       .meaning = "The language of receipts, as a tag such as de or pt-BR. Empty: that in which "
                  "people were asked.",
       .field = [](Config& c) -> ConfigField { return &c.consent.language; },
       .complaint = complainAboutLanguage,
       .example = "en"},
      {.section = "consent",
       .name = "controller",
       .meaning = "Who decides what becomes of people's data: the organisation that receipts name.",
       .field = [](Config& c) -> ConfigField { return &c.consent.controller; },
       .complaint = complainAboutLine,
       .example = "Example Ltd"},
      {.section = "consent",
       .name = "contact",
       .meaning = "The person or office there whom people may ask.",
       .field = [](Config& c) -> ConfigField { return &c.consent.contact; },
       .complaint = complainAboutLine,
       .example = "Data protection officer"},
      {.section = "consent",
       .name = "email",
       .meaning = "Its e-mail address.",
       .field = [](Config& c) -> ConfigField { return &c.consent.email; },
       .complaint = complainAboutLine,
       .example = "privacy@example.com"},
      {.section = "consent",
       .name = "phone",
       .meaning = "Its telephone number.",
       .field = [](Config& c) -> ConfigField { return &c.consent.phone; },
       .complaint = complainAboutLine,
       .example = "+49 30 123456"},
      {.section = "consent",
       .name = "address",
       .meaning = "Where it is: street, town and country in one line.",
       .field = [](Config& c) -> ConfigField { return &c.consent.address; },
       .complaint = complainAboutLine,
       .example = "Example Street 1, 10115 Berlin, Germany"},
      {.section = "consent",
       .name = "policy_url",
       .meaning = "Where the privacy policy is.",
       .field = [](Config& c) -> ConfigField { return &c.consent.policy_url; },
       .complaint = complainAboutWebPage,
       .example = "https://www.example.com/privacy"},
      {.section = "consent",
       .name = "service",
       .meaning = "What people sign in to, as receipts call it.",
       .field = [](Config& c) -> ConfigField { return &c.consent.service; },
       .complaint = complainAboutService},

      {.section = "prompt",
       .name = "themes",
       .meaning = "The folder that holds a folder for each theme of the prompt pages, by the name "
                  "that jit.prompt.theme of an identity provider gives. Files that a theme leaves "
                  "out are those that came with Vestibule. See docs/prompts.md.",
       .field = [](Config& c) -> ConfigField { return &c.prompt.themes; },
       .example = "/etc/vestibule/themes"},

      {.section = "audit",
       .name = "retention_days",
       .meaning = "How long the audit keeps what was decided and changed. Older rows are removed "
                  "by whichever server finds them first.",
       .field = [](Config& c) -> ConfigField { return &c.audit.retention_days; },
       .least = 1,
       .most = 36'500},
      {.section = "audit",
       .name = "trace_days",
       .meaning = "How long the trace of a decision is kept with it, which holds what claims said. "
                  "Not more than retention_days.",
       .field = [](Config& c) -> ConfigField { return &c.audit.trace_days; },
       .least = 1,
       .most = 36'500},

      {.section = "events",
       .name = "issuer",
       .meaning = "Who issues security events: `iss` of the tokens that event streams get. Empty: "
                  "server.public_url, or vestibule where that is empty too. See docs/events.md.",
       .field = [](Config& c) -> ConfigField { return &c.events.issuer; },
       .complaint = complainAboutLine,
       .example = "https://scim.example.com"},
      {.section = "events",
       .name = "senders",
       .meaning = "Threads that send events to receivers, each to one of them at a time. All "
                  "servers on one database share the work; 0 leaves it to the others.",
       .field = [](Config& c) -> ConfigField { return &c.events.senders; },
       .least = 0,
       .most = 128},
      {.section = "events",
       .name = "retention_hours",
       .meaning = "How long an event is kept for a receiver that does not take it; then it is "
                  "removed, with a line in the log.",
       .field = [](Config& c) -> ConfigField { return &c.events.retention_hours; },
       .least = 1,
       .most = 8'760},

      {.section = "log",
       .name = "level",
       .meaning =
           "The least important line that is written: trace, debug, info, warn, error or off.",
       .field = [](Config& c) -> ConfigField { return &c.log.level; },
       .complaint = complainAboutLevel},
      {.section = "log",
       .name = "format",
       .meaning = "text for people, json for machines (an object a line).",
       .field = [](Config& c) -> ConfigField { return &c.log.format; },
       .complaint = complainAboutFormat},
      {.section = "log",
       .name = "requests",
       .meaning = "A line for each request: method, route, status, time, and the ids of request "
                  "and token.",
       .field = [](Config& c) -> ConfigField { return &c.log.requests; }},
  };
  return kKeys;
}

const ConfigKey* findConfigKey(std::string_view dotted) {
  for (const auto& key : configKeys()) {
    if (key.dotted() == dotted) return &key;
  }
  return nullptr;
}

}  // namespace vestibule::app
