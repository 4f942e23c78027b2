#include "app/config.h"

#include <gtest/gtest.h>

#include <fstream>

#include "app/config_keys.h"
#include "app/operator_error.h"
#include "support/temporary_folder.h"

namespace vestibule::app {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

class ConfigTest : public ::testing::Test {
 protected:
  ConfigTest() : before_(fs::current_path()) { fs::current_path(folder_.path()); }
  ~ConfigTest() override { fs::current_path(before_); }

  fs::path write(const std::string& content, const std::string& name = "vestibule.toml") {
    const fs::path file = folder_.path() / name;
    fs::create_directories(file.parent_path());
    std::ofstream(file) << content;
    return file;
  }
  Config load(const std::string& content, const Environment& environment = {}) {
    auto config = loadConfig(write(content), environment);
    EXPECT_TRUE(config) << (config ? "" : operatorText(config.error()));
    return config ? *std::move(config) : Config{};
  }
  /// What the operator reads about a file or environment that cannot be taken.
  std::string complaintAbout(const std::string& content, const Environment& environment = {}) {
    auto config = loadConfig(write(content), environment);
    return config ? "no complaint" : operatorText(config.error());
  }

  TemporaryFolder folder_;

 private:
  fs::path before_;
};

TEST_F(ConfigTest, AnEmptyFileLeavesEveryKeyAtItsDefault) {
  const auto config = load("", {{"PATH", "/bin"}, {"HOME", "/root"}});
  EXPECT_EQ(config.data_dir, folder_.path() / "data");
  EXPECT_EQ(config.server.public_address, "127.0.0.1");
  EXPECT_EQ(config.server.public_port, 8080);
  EXPECT_EQ(config.server.internal_port, 8081);
  EXPECT_EQ(config.server.workers, 16U);
  EXPECT_EQ(config.server.body_bytes, 1048576U);
  EXPECT_EQ(config.database.url, "");
  EXPECT_EQ(config.database.schema_prefix, "vestibule");
  EXPECT_EQ(config.database.tuning.buffer_pool_mb, 64U);
  EXPECT_EQ(config.scim.max_results, 200U);
  EXPECT_EQ(config.scim.bulk_operations, 1000U);
  EXPECT_EQ(config.scim.bulk_payload_bytes, 1048576U);
  EXPECT_FALSE(config.scim.require_if_match);
  EXPECT_EQ(config.log.level, "info");
}

TEST_F(ConfigTest, AFileSetsKeysOfEveryType) {
  const auto config = load(R"(
data_dir = "/var/lib/vestibule"
[server]
public_address = "::"
public_port = 443
public_url = "https://scim.example.com/base"
public_tls_certificate = "/etc/tls/public.pem"
public_tls_key = "public.key"
internal_tls_certificate = "/etc/tls/internal.pem"
internal_tls_key = "/etc/tls/internal.key"
internal_tls_client_ca = "/etc/tls/gateways.pem"
internal_tls_client_crl = "/etc/tls/revoked.pem"
body_bytes = 2_000_000
[database]
lock_wait_seconds = 7
buffer_pool_mb = 512
server_options = { innodb_io_capacity = 900, sort-buffer-size = "1M", innodb-stats-on-metadata = false }
[scim]
schema_dir = "/etc/schemas"
require_if_match = true
[jit]
ca_file = "/etc/idp-ca.pem"
[consent]
jurisdiction = "DE"
language = "de"
controller = "Example Ltd"
policy_url = "https://example.com/privacy"
[audit]
retention_days = 30
trace_days = 30
[log]
format = "json"
)");
  EXPECT_EQ(config.file, folder_.path() / "vestibule.toml");
  EXPECT_EQ(config.data_dir, "/var/lib/vestibule");
  EXPECT_EQ(config.server.public_address, "::");
  EXPECT_EQ(config.server.public_port, 443);
  EXPECT_EQ(config.server.public_url, "https://scim.example.com/base");
  EXPECT_EQ(config.server.public_tls_certificate, "/etc/tls/public.pem");
  EXPECT_EQ(config.server.public_tls_key, folder_.path() / "public.key");
  EXPECT_EQ(config.server.internal_tls_certificate, "/etc/tls/internal.pem");
  EXPECT_EQ(config.server.internal_tls_key, "/etc/tls/internal.key");
  EXPECT_EQ(config.server.internal_tls_client_ca, "/etc/tls/gateways.pem");
  EXPECT_EQ(config.server.internal_tls_client_crl, "/etc/tls/revoked.pem");
  EXPECT_EQ(config.server.body_bytes, 2'000'000U);
  EXPECT_EQ(config.database.lock_wait_seconds, 7U);
  EXPECT_EQ(config.database.tuning.lock_wait_seconds, 7U);
  EXPECT_EQ(config.database.tuning.buffer_pool_mb, 512U);
  const std::map<std::string, std::string> options = {{"innodb_io_capacity", "900"},
                                                      {"sort-buffer-size", "1M"},
                                                      {"innodb-stats-on-metadata", "OFF"}};
  EXPECT_EQ(config.database.tuning.options, options);
  EXPECT_EQ(config.scim.schema_dir, "/etc/schemas");
  EXPECT_TRUE(config.scim.require_if_match);
  EXPECT_EQ(config.jit.ca_file, "/etc/idp-ca.pem");
  EXPECT_EQ(config.consent.jurisdiction, "DE");
  EXPECT_EQ(config.consent.language, "de");
  EXPECT_EQ(config.consent.controller, "Example Ltd");
  EXPECT_EQ(config.consent.policy_url, "https://example.com/privacy");
  EXPECT_EQ(config.consent.service, "Vestibule");
  EXPECT_EQ(config.audit.retention_days, 30U);
  EXPECT_EQ(config.audit.trace_days, 30U);
  EXPECT_EQ(redacted(load(redacted(config))), redacted(config));
  EXPECT_EQ(config.log.format, "json");
}

TEST_F(ConfigTest, AVariableWinsOverTheFile) {
  const auto config =
      load("data_dir = 'x'\n[server]\nworkers = 3\nqueue = 9\n[log]\nlevel = 'warn'\n",
           {{"VESTIBULE_SERVER_WORKERS", "5"},
            {"VESTIBULE_LOG_LEVEL", "debug"},
            {"VESTIBULE_DATA_DIR", "elsewhere"},
            {"VESTIBULE_SCIM_REQUIRE_IF_MATCH", "true"},
            {"VESTIBULE_DATABASE_SERVER_OPTIONS", "innodb-io-capacity=900,skip-stack-trace"},
            {"VESTIBULE_DATABASE_URL", "mysql://me@db/"}});
  EXPECT_EQ(config.server.workers, 5U);
  EXPECT_EQ(config.server.queue, 9U);
  EXPECT_EQ(config.log.level, "debug");
  EXPECT_TRUE(config.scim.require_if_match);
  EXPECT_EQ(config.data_dir, folder_.path() / "elsewhere");
  EXPECT_EQ(config.database.url, "mysql://me@db/");
  const std::map<std::string, std::string> options = {{"innodb-io-capacity", "900"},
                                                      {"skip-stack-trace", ""}};
  EXPECT_EQ(config.database.tuning.options, options);
}

TEST_F(ConfigTest, ARelativePathInTheFileStartsFromTheFilesFolder) {
  const auto file =
      write("data_dir = '../data'\n[scim]\nschema_dir = 'schemas'\n", "etc/here.toml");
  const auto config = loadConfig(file, {});
  ASSERT_TRUE(config);
  EXPECT_EQ(config->data_dir, folder_.path() / "data");
  EXPECT_EQ(config->scim.schema_dir, folder_.path() / "etc" / "schemas");
}

TEST_F(ConfigTest, TheFileIsTheNamedOneElseTheVariablesElseTheLocalOne) {
  write("[server]\nworkers = 1\n");
  const auto second = write("[server]\nworkers = 2\n", "second.toml");
  const auto third = write("[server]\nworkers = 3\n", "third.toml");
  const Environment environment = {{"VESTIBULE_CONFIG", second.string()}};
  EXPECT_EQ(loadConfig(std::nullopt, {})->server.workers, 1U);
  EXPECT_EQ(loadConfig(std::nullopt, environment)->server.workers, 2U);
  EXPECT_EQ(loadConfig(third, environment)->server.workers, 3U);
}

TEST_F(ConfigTest, AFileThatWasAskedForMustBeThere) {
  const auto named = loadConfig("absent.toml", {});
  ASSERT_FALSE(named);
  EXPECT_EQ(named.error().kind, ErrorKind::kNotFound);
  EXPECT_NE(operatorText(named.error()).find("absent.toml: there is no such configuration file"),
            std::string::npos);
  EXPECT_FALSE(loadConfig(std::nullopt, {{"VESTIBULE_CONFIG", "absent.toml"}}));
  const auto folder = loadConfig(folder_.path(), {});
  ASSERT_FALSE(folder);
  EXPECT_NE(operatorText(folder.error()).find("cannot be read"), std::string::npos);
}

TEST_F(ConfigTest, WhatIsWrongIsSaidWithItsLine) {
  struct Case {
    const char* content;
    const char* complaint;  // `%` stands for the file
  };
  const Case cases[] = {
      {"[server]\nworkrs = 3\n", "%:2: unknown key server.workrs; did you mean server.workers?"},
      {"\n\nwhatever = 1\n", "%:3: unknown key whatever"},
      {"[serverr]\nworkers = 1\n", "%:1: unknown key serverr"},
      {"[server.workers]\nx = 1\n", "%:1: server.workers must be a whole number"},
      {"server = 1\n", "%:1: server is a section: write [server]"},
      {"[server]\nworkers = '3'\n", "%:2: server.workers must be a whole number"},
      {"[server]\nworkers = 3.0\n", "%:2: server.workers must be a whole number"},
      {"[server]\nworkers = true\n", "%:2: server.workers must be a whole number"},
      {"[server]\nworkers = 0\n", "%:2: server.workers must be from 1 to 512"},
      {"[server]\nworkers = -1\n", "%:2: server.workers must be from 1 to 512"},
      {"[server]\nworkers = 9223372036854775807\n", "%:2: server.workers must be from 1 to 512"},
      {"[server]\npublic_port = 65536\n", "%:2: server.public_port must be from 0 to 65535"},
      {"[server]\npublic_address = 8\n", "%:2: server.public_address must be a text in quotes"},
      {"[server]\npublic_address = 'example.com'\n",
       "%:2: server.public_address must be a numeric IPv4 or IPv6 address, or localhost"},
      {"[scim]\nrequire_if_match = 'true'\n", "%:2: scim.require_if_match must be true or false"},
      {"[scim]\nrequire_if_match = 1\n", "%:2: scim.require_if_match must be true or false"},
      {"data_dir = ''\n", "%:1: data_dir must not be empty"},
      {"data_dir = \"a\\u0000b\"\n", "%:1: data_dir must not hold a NUL character"},
      {"[database]\nschema_prefix = 'Vestibule'\n",
       "%:2: database.schema_prefix must be 1 to 24 of the"},
      {"[database]\nmariadbd = 'mariadbd'\n", "%:2: database.mariadbd must be an absolute path"},
      {"[database]\nserver_options = 'x'\n",
       "%:2: database.server_options must be a table of options"},
      {"[database]\nserver_options = {a = [1]}\n",
       "%:2: database.server_options.a must be a text, a whole number"},
      {"[database]\nserver_options = {datadir = '/x'}\n",
       "database.server_options: the database server option"},
      {"[database]\nlock_wait_seconds = 10\n",
       "database.read_seconds must be more than database.lock_wait_seconds"},
      {"[database]\nmax_connections = 20\n",
       "database.max_connections must be at least 48 for so many server.workers"},
      {"[events]\nsenders = 32\n", "database.max_connections must be at least 76 for so many"},
      {"[jit]\nqueue_workers = 32\n", "database.max_connections must be at least 78 for so many"},
      {"[server]\npublic_port = 8081\n", "server.public_port and server.internal_port must differ"},
      {"[server]\npublic_tls_certificate = 'a.pem'\n",
       "server.public_tls_certificate and server.public_tls_key need each other"},
      {"[server]\npublic_tls_key = 'a.key'\n",
       "server.public_tls_certificate and server.public_tls_key need each other"},
      {"[server]\ninternal_tls_key = 'a.key'\n",
       "server.internal_tls_certificate and server.internal_tls_key need each other"},
      {"[server]\ninternal_tls_client_ca = 'ca.pem'\n",
       "server.internal_tls_client_ca needs server.internal_tls_certificate"},
      {"[server]\ninternal_tls_client_crl = 'crl.pem'\n",
       "server.internal_tls_client_crl needs server.internal_tls_client_ca"},
      {"[scim]\ntolerances = 'strict,+all'\n",
       "%:2: scim.tolerances cannot be used: there is no tolerance \"all\""},
      {"[consent]\nlanguage = 'german'\n", "%:2: consent.language must be a language tag"},
      {"[consent]\nlanguage = 'DE'\n", "%:2: consent.language must be a language tag"},
      {"[consent]\ncontroller = \"a\\nb\"\n", "%:2: consent.controller must be one line"},
      {"[consent]\npolicy_url = 'javascript:alert(1)'\n",
       "%:2: consent.policy_url must begin with https:// or http://"},
      {"[consent]\nservice = ''\n", "%:2: consent.service must not be empty"},
      {"[audit]\nretention_days = 10\n",
       "audit.trace_days must not be more than audit.retention_days"},
      {"[audit]\ntrace_days = 0\n", "%:2: audit.trace_days must be from 1 to 36500"},
      {"[log]\nlevel = 'loud'\n", "%:2: log.level must be trace, debug, info, warn, error or off"},
      {"[log]\nformat = 'xml'\n", "%:2: log.format must be text or json"},
      {"a = 1\na = 2\n", "%:2: not valid TOML: "},
      {"[server]\nworkers = \n", "%:2: not valid TOML: "},
      {"\xFF", "%:1: not valid TOML: "},
  };
  const std::string file = (folder_.path() / "vestibule.toml").string();
  for (const auto& [content, complaint] : cases) {
    SCOPED_TRACE(content);
    std::string expected = complaint;
    if (expected.front() == '%') expected = file + expected.substr(1);
    const std::string said = complaintAbout(content);
    EXPECT_EQ(said.substr(0, expected.size()), expected) << said;
  }
}

TEST_F(ConfigTest, AllComplaintsComeAtOnceALineEach) {
  const std::string said =
      complaintAbout("[server]\nworkers = 0\nqueue = 0\nfoo = 1\n", {{"VESTIBULE_LOG_LEVEL", "x"}});
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 3);
}

TEST_F(ConfigTest, PublicUrlIsAnOriginWithAnOptionalPath) {
  for (const char* good :
       {"https://scim.example.com", "http://[::1]:8080", "https://h/base/path"}) {
    EXPECT_EQ(load(std::string("[server]\npublic_url = '") + good + "'\n").server.public_url, good);
  }
  for (const char* bad :
       {"scim.example.com", "ftp://h", "https://", "https:///x", "https://h/", "https://h?x",
        "https://h#x", "https://h x", "https://u@h", "https://h<b>"}) {
    SCOPED_TRACE(bad);
    EXPECT_NE(complaintAbout(std::string("[server]\npublic_url = '") + bad + "'\n")
                  .find("server.public_url must begin"),
              std::string::npos);
  }
}

TEST_F(ConfigTest, VariablesAreCheckedAsKeysAre) {
  struct Case {
    Environment environment;
    const char* complaint;
  };
  const Case cases[] = {
      {{{"VESTIBULE_SERVER_WORKRS", "3"}},
       "unknown environment variable VESTIBULE_SERVER_WORKRS; did you mean "
       "VESTIBULE_SERVER_WORKERS?"},
      {{{"VESTIBULE_DATADIR", "x"}},
       "unknown environment variable VESTIBULE_DATADIR; did you mean VESTIBULE_DATA_DIR?"},
      {{{"VESTIBULE_SERVER_WORKERS", ""}},
       "VESTIBULE_SERVER_WORKERS: server.workers must be a whole number"},
      {{{"VESTIBULE_SERVER_WORKERS", "3x"}},
       "VESTIBULE_SERVER_WORKERS: server.workers must be a whole number"},
      {{{"VESTIBULE_SERVER_WORKERS", "99999999999999999999"}},
       "VESTIBULE_SERVER_WORKERS: server.workers must be a whole number"},
      {{{"VESTIBULE_SERVER_WORKERS", "513"}},
       "VESTIBULE_SERVER_WORKERS: server.workers must be from 1 to 512"},
      {{{"VESTIBULE_SCIM_REQUIRE_IF_MATCH", "yes"}},
       "VESTIBULE_SCIM_REQUIRE_IF_MATCH: scim.require_if_match must be true or false"},
      {{{"VESTIBULE_DATABASE_SERVER_OPTIONS", "=1"}},
       "database.server_options: \"\" is not the name of"},
  };
  for (const auto& [environment, complaint] : cases) {
    const std::string said = complaintAbout("", environment);
    EXPECT_EQ(said.substr(0, std::string(complaint).size()), complaint) << said;
  }
  // What scripts/run --ephemeral prints may be exported, and what is not ours is not looked at.
  EXPECT_EQ(
      complaintAbout(
          "", {{"VESTIBULE_PID", "1"}, {"VESTIBULE_SCIM_TOKEN", "x"}, {"MY_VESTIBULE_X", "1"}}),
      "no complaint");
  // Kubernetes sets these for a service named `vestibule`.
  EXPECT_EQ(complaintAbout("", {{"VESTIBULE_SERVICE_HOST", "10.0.0.7"},
                                {"VESTIBULE_SERVICE_PORT", "8080"},
                                {"VESTIBULE_SERVICE_PORT_SCIM", "8080"},
                                {"VESTIBULE_PORT", "tcp://10.0.0.7:8080"},
                                {"VESTIBULE_PORT_8080_TCP_ADDR", "10.0.0.7"}}),
            "no complaint");
}

TEST_F(ConfigTest, NoComplaintRepeatsAPassword) {
  const std::string said = complaintAbout("[database]\nurl = 'postgres://u:hunter2@h/'\n",
                                          {{"VESTIBULE_DATABASE_URL", "u:hunter2@h"}});
  EXPECT_NE(said.find("database.url must begin with mysql://"), std::string::npos);
  EXPECT_EQ(said.find("hunter2"), std::string::npos);
}

TEST_F(ConfigTest, TheDescriptionNamesEveryKeyAndLoadsAsTheDefaults) {
  const std::string text = describeConfig();
  for (const auto& key : configKeys()) {
    EXPECT_NE(text.find("\n" + std::string(key.name) + " = "),
              text.find("\n# " + std::string(key.name) + " = "))
        << key.dotted();
    EXPECT_NE(text.find("(" + key.variable() + ")"), std::string::npos) << key.dotted();
    EXPECT_EQ(findConfigKey(key.dotted()), &key) << "two keys of one name";
  }
  const auto loaded = load(text);
  EXPECT_EQ(redacted(loaded), redacted(load("")));
  // The examples, too, are values that would be taken.
  std::string with_examples = text;
  for (const auto& key : configKeys()) {
    const std::string commented = "\n# " + std::string(key.name) + " = ";
    const auto at = with_examples.find(commented);
    if (at != std::string::npos) with_examples.erase(at + 1, 2);
  }
  EXPECT_EQ(load(with_examples).database.url, "mysql://vestibule:password@127.0.0.1:3306/");
}

TEST_F(ConfigTest, WhatIsInForcePrintsWithoutPasswordsAndLoadsAgain) {
  struct Case {
    const char* url;
    const char* printed;
  };
  const Case cases[] = {
      {"mysql://me@host:3306/", "mysql://me@host:3306/"},
      {"mysql://me:pass@host:3306/", "mysql://me:***@host:3306/"},
      {"mysql://me:@host/", "mysql://me:***@host/"},
      {"mysql://me:p@ss:w@rd@host/", "mysql://me:***@host/"},
      {"mysql://me:pass@/?socket=/run/db.sock", "mysql://me:***@/?socket=/run/db.sock"},
      {"mysql://me@/?socket=/run/db.sock", "mysql://me@/?socket=/run/db.sock"},
  };
  for (const auto& [url, printed] : cases) {
    const auto config = load("[database]\nurl = '" + std::string(url) + "'\n");
    EXPECT_NE(redacted(config).find("url = \"" + std::string(printed) + "\""), std::string::npos)
        << redacted(config);
  }
  const auto config = load(
      "data_dir = \"/a \\\"b\\\\c\\u0001\"\n[database]\nserver_options = {innodb-io-capacity = "
      "\"'1\"}\n");
  EXPECT_EQ(redacted(load(redacted(config))), redacted(config));
}

}  // namespace
}  // namespace vestibule::app
