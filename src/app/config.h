#pragma once
// What an operator can set, from one TOML file and the environment.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "app/mariadb_command.h"
#include "base/result.h"
#include "jit/consent_receipt.h"
#include "json/value.h"

namespace vestibule::app {

/// Every setting with its default. What each means, and in which bounds, stands beside its key in
/// config_keys.cc, from where `describeConfig` tells it to the operator.
struct Config {
  struct Server {
    std::string public_address = "127.0.0.1";
    std::uint16_t public_port = 8080;
    std::string internal_address = "127.0.0.1";
    std::uint16_t internal_port = 8081;
    std::string public_url;  ///< without a trailing slash; empty: from each request's Host
    std::filesystem::path public_tls_certificate;  ///< empty: plain HTTP
    std::filesystem::path public_tls_key;
    std::filesystem::path internal_tls_certificate;  ///< empty: plain HTTP
    std::filesystem::path internal_tls_key;
    std::filesystem::path internal_tls_client_ca;   ///< empty: clients need no certificate
    std::filesystem::path internal_tls_client_crl;  ///< empty: none of them is revoked
    std::uint32_t io_threads = 2;
    std::uint32_t workers = 16;
    std::uint32_t queue = 1024;
    std::uint32_t max_connections = 4096;
    std::uint32_t body_bytes = 1U << 20U;
    std::uint32_t drain_seconds = 10;
  };
  struct Database {
    std::string url;  ///< may hold a password: never to be printed; empty: the private MariaDB
    std::string schema_prefix = "vestibule";
    std::uint32_t connect_seconds = 3;
    std::uint32_t read_seconds = 10;
    std::uint32_t lock_wait_seconds = 3;
    std::filesystem::path secret_key_file;  ///< empty: secrets are stored as they are
    std::string mariadbd;
    DatabaseTuning tuning;  ///< of the private MariaDB
  };
  struct Scim {
    std::filesystem::path schema_dir;  ///< empty: that of the installation
    std::uint32_t max_results = 200;
    std::uint32_t scan_limit = 10'000;
    std::uint32_t bulk_operations = 1'000;
    std::uint32_t bulk_payload_bytes = 1U << 20U;
    std::uint32_t cursor_seconds = 3'600;
    bool require_if_match = false;
    std::string tolerances = "default";
  };
  struct Jit {
    std::filesystem::path ca_file;  ///< empty: the authorities that the system trusts
    std::uint32_t queue_workers = 2;
    std::uint32_t operation_attempts = 10;
    std::uint32_t operation_hours = 24;
  };
  /// What receipts of consent say of whoever asks for it.
  using Consent = jit::ConsentTerms;
  struct Prompt {
    std::filesystem::path themes;  ///< empty: there is only the theme of the installation
  };
  struct Audit {
    std::uint32_t retention_days = 90;
    std::uint32_t trace_days = 14;
  };
  struct Events {
    std::string issuer;  ///< empty: server.public_url, or `vestibule` without one
    std::uint32_t senders = 4;
    std::uint32_t retention_hours = 168;
  };
  struct Log {
    std::string level = "info";
    std::string format = "text";
    bool requests = false;
  };

  std::filesystem::path file;  ///< the file that was read; empty when there was none
  std::filesystem::path data_dir = "data";
  Server server;
  Database database;
  Scim scim;
  Jit jit;
  Consent consent;
  Prompt prompt;
  Audit audit;
  Events events;
  Log log;
};

/// How many connections to the database a server opens at most.
[[nodiscard]] std::uint32_t databaseSessions(const Config& config);

/// Environment variables by name.
using Environment = std::map<std::string, std::string>;

/// The environment of this process. Not to be called while another thread changes it.
[[nodiscard]] Environment processEnvironment();

/// Reads the configuration: defaults, then the file, then `VESTIBULE_SECTION_KEY` variables. The
/// file is `file` where given, else the one that VESTIBULE_CONFIG names, else `vestibule.toml` in
/// the working directory, else
/// `/etc/vestibule/vestibule.toml`; only of the last two may both be missing. A relative path in
/// the file is relative to the file's folder, one in a variable to the working directory; both are
/// absolute in the result. Error kInvalidValue (kNotFound when the file is missing) for the
/// operator, with one line for every unknown key, every unknown variable that begins with
/// VESTIBULE_SECTION_, and every bad value, by file and line; it repeats no value.
[[nodiscard]] Result<Config> loadConfig(const std::optional<std::filesystem::path>& file,
                                        const Environment& environment);

/// A complete configuration file: every key with what it means, its bounds, its variable and its
/// default. It loads as it is.
[[nodiscard]] std::string describeConfig();

/// The same for programs: an array with an object for each key.
[[nodiscard]] json::Value describeConfigDocument();

/// The configuration in force as a file, without the password of `database.url`.
[[nodiscard]] std::string redacted(const Config& config);

/// The same for programs: an object of sections, as the file has them.
[[nodiscard]] json::Value redactedDocument(const Config& config);

}  // namespace vestibule::app
