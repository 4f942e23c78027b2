// The command line as an operator meets it: exit statuses, what is printed where, and in which
// form.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <memory>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "json/parse.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"

namespace vestibule::test {
namespace {

using Arguments = std::vector<std::string>;

/// A command, how it ends, and what it prints: pieces of standard output when it succeeds, of
/// standard error when not.
struct Step {
  Arguments arguments;
  int status = 0;
  std::vector<std::string> says = {};
};

std::string lineOf(const Arguments& arguments) {
  std::string line = "vestibule";
  for (const auto& argument : arguments) line += " " + argument;
  return line;
}

json::Value jsonOf(const CommandResult& result) {
  EXPECT_EQ(result.status, 0) << result.errors;
  auto value = json::parse(result.output);
  EXPECT_TRUE(value) << result.output;
  return value ? *std::move(value) : json::Value();
}

/// The values of one member over the rows of a list.
std::vector<std::string> column(const json::Value& rows, std::string_view name) {
  std::vector<std::string> values;
  if (rows.array() == nullptr) return values;
  for (const json::Value& row : *rows.array()) {
    values.emplace_back(row.stringAt(name).value_or("?"));
  }
  return values;
}

bool has(const std::vector<std::string>& values, const std::string& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

/// Commands beside one running server.
class CommandLine : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TemporaryFolder>();
    server_ = std::make_unique<ServerProcess>(VESTIBULE_BINARY, folder_->path() / "data");
  }
  static void TearDownTestSuite() {
    server_.reset();
    folder_.reset();
  }

  static CommandResult run(const Arguments& arguments) { return server_->command(arguments); }

  static void expectSteps(const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      SCOPED_TRACE(lineOf(step.arguments));
      const auto result = run(step.arguments);
      EXPECT_EQ(result.status, step.status) << result.output << result.errors;
      // A program may read what is printed: failures are on standard error, and nothing but them.
      const std::string& text = step.status == 0 ? result.output : result.errors;
      EXPECT_TRUE((step.status == 0 ? result.errors : result.output).empty())
          << result.output << result.errors;
      for (const auto& piece : step.says) {
        EXPECT_NE(text.find(piece), std::string::npos) << "'" << piece << "' is not in: " << text;
      }
      if (step.status == 1) {
        EXPECT_EQ(text.rfind("vestibule: ", 0), 0U) << text;
      }
    }
  }

  static std::string file(const std::string& name, const std::string& content) {
    const auto path = folder_->path() / name;
    std::ofstream(path) << content;
    return path.string();
  }

  static inline std::unique_ptr<TemporaryFolder> folder_;
  static inline std::unique_ptr<ServerProcess> server_;
};

TEST_F(CommandLine, EveryCommandExplainsItself) {
  const Arguments commands[] = {
      {},
      {"serve"},
      {"check"},
      {"migrate"},
      {"config"},
      {"domain"},
      {"domain", "create"},
      {"domain", "list"},
      {"domain", "show"},
      {"domain", "set"},
      {"domain", "enable"},
      {"domain", "disable"},
      {"domain", "delete"},
      {"domain", "move"},
      {"domain", "guard-rails"},
      {"domain", "lift-guard-rails"},
      {"domain", "restore-guard-rails"},
      {"idp"},
      {"idp", "apply"},
      {"idp", "import"},
      {"idp", "list"},
      {"idp", "show"},
      {"idp", "history"},
      {"idp", "rollback"},
      {"idp", "delete"},
      {"import"},
      {"export"},
      {"operation"},
      {"operation", "list"},
      {"operation", "show"},
      {"operation", "retry"},
      {"operation", "drop"},
      {"secret"},
      {"secret", "new-key"},
      {"secret", "status"},
      {"secret", "seal"},
      {"secret", "unseal"},
      {"secret", "discard-lost"},
      {"event-stream"},
      {"event-stream", "apply"},
      {"event-stream", "list"},
      {"event-stream", "show"},
      {"event-stream", "status"},
      {"event-stream", "pause"},
      {"event-stream", "resume"},
      {"event-stream", "remove"},
      {"event-stream", "dead"},
      {"event-stream", "redeliver"},
      {"event-stream", "drop"},
      {"event-stream", "rotate-key"},
      {"token-issuer"},
      {"top"},
      {"outbound"},
      {"outbound", "list"},
      {"outbound", "show"},
      {"outbound", "apply"},
      {"outbound", "delete"},
      {"outbound", "status"},
      {"outbound", "failed"},
      {"outbound", "retry"},
      {"outbound", "sync-all"},
      {"outbound", "explain"},
      {"consent"},
      {"consent", "purposes"},
      {"consent", "purposes", "list"},
      {"consent", "purposes", "show"},
      {"consent", "purposes", "versions"},
      {"consent", "purposes", "apply"},
      {"consent", "purposes", "remove"},
      {"consent", "receipts"},
      {"consent", "receipt"},
      {"consent", "decisions"},
      {"consent", "withdraw"},
      {"backup"},
      {"backup", "verify"},
      {"restore"},
      {"token"},
      {"token", "create"},
      {"token", "list"},
      {"token", "revoke"},
      {"audit"},
  };
  for (Arguments command : commands) {
    SCOPED_TRACE(lineOf(command));
    const std::string last = command.empty() ? "vestibule" : command.back();
    command.emplace_back("--help");
    const auto result = run(command);
    EXPECT_EQ(result.status, 0);
    EXPECT_NE(result.output.find("Usage: "), std::string::npos) << result.output;
    EXPECT_NE(result.output.find(last), std::string::npos) << result.output;
  }
}

TEST_F(CommandLine, TheVersionIsALineAndBelowItIsOfWhatItWasBuilt) {
  const auto result = run({"--version"});
  EXPECT_EQ(result.status, 0);
  std::istringstream lines(result.output);
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_TRUE(std::regex_match(line, std::regex(R"(vestibule \d+\.\d+\.\d+)"))) << line;
  std::vector<std::string> names;
  while (std::getline(lines, line)) {
    const auto colon = line.find(": ");
    ASSERT_NE(colon, std::string::npos) << line;
    EXPECT_LT(colon + 2, line.size()) << "it has a value: " << line;
    names.push_back(line.substr(0, colon));
  }
  for (const char* name : {"commit", "compiler", "build type", "OpenSSL", "ICU",
                           "MariaDB Connector/C", "PCRE2", "libcurl"}) {
    EXPECT_TRUE(has(names, name)) << name;
  }
}

TEST_F(CommandLine, AWrongLineIsStatusTwo) {
  expectSteps({
      {{}, 2, {"subcommand is required"}},
      {{"nonsense"}, 2, {"nonsense"}},
      {{"domain", "nonsense"}, 2, {"nonsense"}},
      {{"--nonsense"}, 2},
      {{"domain"}, 2, {"subcommand is required"}},
      {{"domain", "create"}, 2, {"name is required"}},
      {{"domain", "delete", "CORP"}, 2, {"--confirm is required"}},
      {{"idp", "apply"}, 2, {"file is required"}},
      {{"idp", "apply", "/no/such/file.json"}, 2, {"/no/such/file.json"}},
      {{"token", "create", "--name", "x"}, 2, {"--scope is required"}},
      {{"token", "revoke"}, 2, {"name is required"}},
      {{"operation", "retry"}, 2, {"--all-dead"}},
      {{"operation", "drop"}, 2, {"id is required"}},
      {{"backup"}, 2, {"--output is required"}},
      {{"backup", "verify"}, 2, {"file is required"}},
      {{"restore", "FILE", "--replace"}, 2, {"--replace requires --domain"}},
      {{"domain", "move", "CORP", "--force"}, 2, {"--force requires --abort"}},
      {{"consent", "purposes"}, 2, {"subcommand is required"}},
      {{"consent", "withdraw"}, 2, {"id is required"}},
  });
}

TEST_F(CommandLine, DomainsAreMadeChangedAndDeleted) {
  const std::string idp =
      file("sales-idp.json", R"({"name": "sales-idp", "jit": {"userstore": "SALES"}})");
  expectSteps({
      {{"domain", "create", "sales", "--description", "Sales", "--set",
        "UsernameJavaRegEx=^[a-z]{3,9}$"},
       0,
       {"name: SALES", "description: Sales", "UsernameJavaRegEx: ^[a-z]{3,9}$"}},
      {{"domain", "create", "SALES"}, 1, {"SALES"}},
      {{"domain", "create", "no_good"}, 1},
      {{"domain", "create", "FEDERATED-X"}, 1},
      {{"domain", "create", "ODD", "--set", "Nope=1"}, 1, {"Nope", "POL-1021"}},
      {{"domain", "create", "ODD", "--set", "ReadOnly=perhaps"}, 1, {"ReadOnly", "POL-1022"}},
      {{"domain", "create", "ODD", "--set", "UsernameJavaRegEx=("},
       1,
       {"UsernameJavaRegEx", "POL-1020"}},
      {{"domain", "create", "ODD", "--set", "ReadOnly"}, 1, {"--set takes Setting=value"}},
      {{"domain", "list"}, 0, {"PRIMARY", "SALES", "active"}},
      {{"domain", "show", "sales"}, 0, {"name: SALES"}},
      {{"domain", "show", "NOWHERE"}, 1, {"NOWHERE"}},
      {{"domain", "set", "SALES", "--set", "ReadOnly=true"}, 0, {"ReadOnly: true"}},
      {{"domain", "list"}, 0, {"read-only"}},
      {{"domain", "set", "SALES", "--unset", "ReadOnly"}, 0, {"ReadOnly: false"}},
      {{"domain", "set", "SALES"}, 1, {"nothing to change"}},
      {{"domain", "set", "NOWHERE", "--description", "x"}, 1, {"NOWHERE"}},
      {{"domain", "disable", "SALES"}, 0, {"Disabled: true"}},
      {{"domain", "list"}, 0, {"disabled"}},
      {{"domain", "enable", "SALES"}, 0, {"Disabled: false"}},
      {{"domain", "guard-rails", "SALES"}, 0, {"domain: SALES", "lifted: false"}},
      {{"domain", "guard-rails", "NOWHERE"}, 1, {"NOWHERE"}},
      {{"domain", "lift-guard-rails", "SALES", "--for", "30m"}, 1, {"has no guard-rails"}},
      {{"domain", "set", "SALES", "--set", "guardRails={\"deletes\": 5}"}, 0, {"deletes: 5"}},
      {{"domain", "lift-guard-rails", "SALES", "--for", "30m"}, 0, {"liftedUntil: 20"}},
      {{"domain", "guard-rails", "SALES"}, 0, {"lifted: true", "deletes: 5"}},
      {{"domain", "restore-guard-rails", "SALES"}, 0, {"deletes: 5"}},
      {{"domain", "guard-rails", "SALES"}, 0, {"lifted: false"}},
      {{"domain", "lift-guard-rails", "SALES", "--for", "8d"}, 1, {"at most a week"}},
      {{"domain", "lift-guard-rails", "SALES", "--for", "soon"}, 1, {"--for takes"}},
      {{"domain", "restore-guard-rails", "NOWHERE"}, 1, {"NOWHERE"}},
      {{"domain", "delete", "SALES", "--confirm", "sale"}, 1},
      {{"domain", "delete", "PRIMARY", "--confirm", "PRIMARY"}, 1},
      {{"idp", "apply", idp}, 0},
      {{"domain", "delete", "SALES", "--confirm", "SALES"}, 1, {"sales-idp"}},
      {{"idp", "delete", "sales-idp"}, 0},
  });
  const auto listed = jsonOf(run({"domain", "list", "--json"}));
  EXPECT_TRUE(has(column(listed, "name"), "SALES"));
  EXPECT_TRUE(has(column(listed, "name"), "PRIMARY"));
  const auto shown = jsonOf(run({"--json", "domain", "show", "SALES"}));
  EXPECT_EQ(shown.find("settings")->stringAt("UsernameJavaRegEx"), "^[a-z]{3,9}$");
  const auto changed = jsonOf(run({"domain", "set", "SALES", "--description", "S", "--json"}));
  EXPECT_EQ(changed.stringAt("description"), "S");
  expectSteps({
      {{"domain", "delete", "SALES", "--confirm", "SALES"}, 0, {"SALES is deleted"}},
      {{"domain", "delete", "SALES", "--confirm", "SALES"}, 1, {"SALES"}},
  });
  EXPECT_FALSE(has(column(jsonOf(run({"domain", "list", "--json"})), "name"), "SALES"));
}

TEST_F(CommandLine, DomainsAreBackedUpRestoredAndNotMovedToNowhere) {
  const auto folder = folder_->path() / "backups";
  std::filesystem::create_directory(folder);
  const auto file = (folder_->path() / "east.backup").string();
  const auto primary = (folder_->path() / "primary.backup").string();
  expectSteps({
      {{"domain", "create", "EAST", "--description", "before"}, 0},
      {{"backup", "--domain", "NOWHERE", "--output", file}, 1, {"NOWHERE"}},
      {{"backup", "--domain", "East", "--output", file}, 0, {"EAST (0 users, 0 groups)"}},
      {{"backup", "--output", file}, 1, {"is not written over"}},
      {{"backup", "--output", "/no/such/folder/file"}, 1, {"cannot write"}},
      {{"backup", "--output", folder.string()}, 0, {"everything: true", "PRIMARY", ".backup"}},
      {{"backup", "verify", file}, 0, {"everything: false", "checksum: "}},
      {{"backup", "verify", "/no/such/file"}, 1, {"/no/such/file"}},
      {{"backup", "verify", folder.string()}, 1, {"is no file"}},
      {{"restore", file}, 1, {"--replace"}},
      {{"domain", "set", "EAST", "--description", "after"}, 0},
      {{"restore", file, "--domain", "EAST", "--replace"}, 0, {"EAST is restored"}},
      {{"domain", "show", "EAST"}, 0, {"description: before"}},
      {{"domain", "delete", "EAST", "--confirm", "EAST"}, 0},
      {{"restore", file, "--domain", "WEST"}, 1, {"does not hold"}},
      {{"restore", file}, 0, {"EAST is restored"}},
      {{"domain", "show", "EAST"}, 0, {"description: before"}},
      {{"backup", "--domain", "PRIMARY", "--output", primary}, 0, {"PRIMARY ("}},
      {{"restore", primary}, 0, {"PRIMARY is restored"}},
      {{"restore", primary, "--domain", "primary", "--replace"}, 0, {"PRIMARY is restored"}},
      {{"domain", "move", "EAST"}, 1, {"--to"}},
      {{"domain", "move", "EAST", "--abort"}, 1, {"--force"}},
      {{"domain", "move", "EAST", "--abort", "--force"}, 1, {"is not being moved"}},
      {{"domain", "move", "EAST", "--to", "mysql://nobody@/?socket=/no/such.sock"}, 1},
      {{"domain", "delete", "EAST", "--confirm", "EAST"}, 0},
  });
  // Of a broken output there is nothing left, under no name.
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_->path())) {
    const auto name = entry.path().filename().string();
    if (name.find(".backup") != std::string::npos) ++files;
    EXPECT_EQ(name.find(".part"), std::string::npos) << name;
  }
  EXPECT_EQ(files, 2U);
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto whole = run({"restore", entry.path().string()});
    EXPECT_EQ(whole.status, 1);
    EXPECT_NE(whole.errors.find("holds an installation already"), std::string::npos)
        << whole.errors;
  }
}

TEST_F(CommandLine, QueuedProvisionsAreListed) {
  const std::string nobody(32, '0');
  expectSteps({
      {{"operation", "list"}, 0},
      {{"operation", "list", "--state", "queued"}, 0},
      {{"operation", "list", "--state", "lost"}, 1, {"queued, running, dead, done"}},
      {{"operation", "show", nobody}, 1, {"no such operation"}},
      {{"operation", "show", "nonsense"}, 1, {"no such operation"}},
      {{"operation", "retry", nobody}, 1, {"no such operation"}},
      {{"operation", "retry", "--all-dead"}, 0, {"0 of 0"}},
      {{"operation", "drop", nobody}, 1, {"no such operation"}},
  });
  EXPECT_EQ(run({"operation", "list", "--json"}).output, "[]\n");
}

TEST_F(CommandLine, ConsentPurposesComeFromFiles) {
  const std::string mail = file("mail.json", R"({"name": "mail",
      "texts": {"en": {"title": "Mail", "description": "News"}},
      "attributes": [{"attribute": "emails"}]})");
  const std::string reworded = file("mail.toml", R"(name = "mail"
attributes = [{ attribute = "emails" }]
[texts.en]
title = "Mail"
description = "News and letters"
)");
  const std::string unknown = file("purpose.json", R"({"name": "mail", "color": "red"})");
  const std::string idp = file("consent-idp.json", R"({"name": "consent-idp",
      "jit": {"consent": {"purposes": ["mail"]}}})");
  expectSteps({
      {{"consent", "purposes", "list"}, 0, {"DEFAULT"}},
      {{"consent", "purposes", "apply", mail}, 0, {"mail: created, version 1"}},
      {{"consent", "purposes", "apply", mail}, 0, {"version 1"}},
      {{"consent", "purposes", "apply", reworded, "--editorial"}, 0, {"applied, version 2"}},
      {{"consent", "purposes", "apply", unknown}, 1, {"purpose.json", "color"}},
      {{"consent", "purposes", "show", "mail"}, 0, {"News and letters"}},
      {{"consent", "purposes", "versions", "mail"}, 0, {"cli"}},
      {{"consent", "purposes", "show", "gone"}, 1, {"gone"}},
      {{"consent", "purposes", "remove", "DEFAULT"}, 1, {"built in"}},
      {{"idp", "apply", idp}, 0},
      {{"consent", "purposes", "remove", "mail"}, 1, {"consent-idp"}},
      {{"idp", "delete", "consent-idp"}, 0},
  });
  const auto versions = jsonOf(run({"consent", "purposes", "versions", "mail", "--json"}));
  EXPECT_EQ(versions.array()->size(), 2U);
  EXPECT_TRUE(versions.array()->at(0).find("asksAgain")->array()->empty());
  EXPECT_TRUE(has(column(jsonOf(run({"consent", "purposes", "list", "--json"})), "name"), "mail"));
  expectSteps({
      {{"consent", "purposes", "remove", "mail"}, 0, {"mail is deleted"}},
      {{"consent", "purposes", "remove", "mail"}, 1, {"mail"}},
  });
}

TEST_F(CommandLine, ConsentOfNobodyIsNotFound) {
  const std::string nobody = "00112233-4455-8601-8101-0001aabbccdd";
  expectSteps({
      {{"consent", "receipts", "nonsense"}, 1, {"no id of a user"}},
      {{"consent", "receipt", nobody}, 1, {"no such consent receipt"}},
      {{"consent", "decisions", nobody}, 1, {"no such user"}},
      {{"consent", "withdraw", nobody}, 1, {"no such consent receipt"}},
      {{"consent", "withdraw", "nonsense"}, 1, {"no such consent receipt"}},
  });
  EXPECT_EQ(run({"consent", "receipts", nobody, "--json"}).output, "[]\n");
}

TEST_F(CommandLine, IdentityProvidersComeFromJsonAndToml) {
  const std::string okta = VESTIBULE_SOURCE_DIR "/tests/golden/identity_providers/okta.json";
  const std::string toml = file("second.toml", R"(name = "second"
description = "from TOML"
[claims]
userIdClaim = "preferred_username"
mappings = [{ idpClaim = "email", attribute = 'emails[type eq "work"].value' }]
[jit]
isEnabled = true
)");
  const std::string bad_json = file("bad.json", "{\n  \"name\": \"bad\",\n  \"jit\": [}\n}");
  const std::string bad_toml = file("bad.toml", "name = \"bad\"\njit = {\n");
  const std::string unknown = file("unknown.json", R"({"name": "bad", "color": "red"})");
  expectSteps({
      {{"idp", "apply", okta}, 0, {"okta-acme: created"}},
      {{"idp", "apply", okta, toml}, 0, {"okta-acme: settings applied", "second: created"}},
      {{"idp", "apply", bad_json}, 1, {bad_json + ":3:11: "}},
      {{"idp", "apply", bad_toml}, 1, {bad_toml + ":2:"}},
      {{"idp", "apply", unknown}, 1, {unknown + ": ", "color"}},
      // A file that cannot be read keeps the others from being applied.
      {{"idp", "apply", file("third.json", R"({"name": "third"})"), bad_json}, 1},
      {{"idp", "show", "third"}, 1, {"third"}},
      {{"idp", "list"}, 0, {"okta-acme", "second", "PROVISION_SILENTLY"}},
      {{"idp", "show", "second"}, 0, {"\"userIdClaim\": \"preferred_username\""}},
      {{"idp", "show", "nobody"}, 1, {"nobody"}},
      {{"idp", "delete", "nobody"}, 1, {"nobody"}},
  });
  EXPECT_EQ(column(jsonOf(run({"idp", "apply", "--json", okta})), "name"), Arguments{"okta-acme"});
  EXPECT_EQ(column(jsonOf(run({"--json", "idp", "apply", toml, okta})), "name"),
            (Arguments{"second", "okta-acme"}));
  EXPECT_EQ(column(jsonOf(run({"--json", "idp", "list"})), "name"),
            (Arguments{"okta-acme", "second"}));
  // What is shown is what can be applied.
  const std::string shown = file("shown.json", run({"idp", "show", "second"}).output);
  expectSteps({
      {{"idp", "apply", shown}, 0, {"second: settings applied"}},
      {{"idp", "delete", "second"}, 0, {"second is deleted"}},
      {{"idp", "delete", "okta-acme"}, 0},
  });
  EXPECT_TRUE(column(jsonOf(run({"--json", "idp", "list"})), "name").empty());
}

TEST_F(CommandLine, IdentityProvidersOfWso2AreImported) {
  const std::string golden = VESTIBULE_SOURCE_DIR "/tests/golden/wso2_identity_providers/";
  const std::string corp = golden + "corp-oidc.json";
  const std::string partner = golden + "partner-saml.json";
  const auto printed = jsonOf(run({"--json", "idp", "import", partner, "--dry-run", "--scheme",
                                   "PROVISION_SILENTLY", "--name", "partner"}));
  ASSERT_EQ(printed.array()->size(), 1U);
  EXPECT_EQ(printed.array()->front().find("settings")->stringAt("name"), "partner");
  expectSteps({{{"idp", "show", "partner"}, 1}});

  // The report is there whatever becomes of the settings; then it is said why they are refused.
  const auto refused = [&](const Arguments& arguments, const std::string& shown,
                           const std::string& why) {
    SCOPED_TRACE(lineOf(arguments));
    const auto result = run(arguments);
    EXPECT_EQ(result.status, 1);
    EXPECT_NE(result.output.find(shown), std::string::npos) << result.output;
    EXPECT_EQ(result.errors.rfind("vestibule: ", 0), 0U) << result.errors;
    EXPECT_NE(result.errors.find(why), std::string::npos) << result.errors;
  };
  refused({"idp", "import", corp}, "changed  /provisioning/jit/idpGroupSyncMethod: ",
          "there is no user store domain 'CORP'");
  // Of several none is saved when one is refused.
  const auto both = file("two-of-wso2.json", R"([{"name": "fine"}, {"name": "b", "provisioning":
      {"jit": {"isEnabled": true, "userstore": "NOWHERE"}}}])");
  refused({"idp", "import", both}, "fine: what became of it:", "'NOWHERE'");
  expectSteps({
      {{"idp", "show", "fine"}, 1},
      {{"idp", "import", both, "--name", "c"}, 1, {"cannot have one name"}},
      {{"idp", "import", file("no-idp.json", "{}")}, 1, {"no-idp.json: ", "/name: is missing"}},
      {{"idp", "import", "/no/such/file.json"}, 2},
      {{"idp", "import", partner, "--dry-run"},
       0,
       {"dropped  /certificate/certificates: ", "\"memberOf\"",
        "kept     /provisioning/jit/scheme: is PROMPT_USERNAME_PASSWORD_CONSENT"}},
      {{"domain", "create", "CORP"}, 0},
      {{"idp", "import", corp}, 0, {"kept     /name: is 'Corp OIDC'", "Corp OIDC: created"}},
      {{"idp", "import", corp}, 0, {"Corp OIDC: settings applied"}},
      {{"idp", "import", partner, "--scheme", "PROVISION_SILENTLY"}, 0, {"partner-saml: created"}},
      {{"idp", "show", "Corp OIDC"}, 0, {R"("localAttribute": "emails.value")"}},
      {{"idp", "delete", "Corp OIDC"}, 0},
      {{"idp", "delete", "partner-saml"}, 0},
      {{"domain", "delete", "CORP", "--confirm", "CORP"}, 0},
  });
}

TEST_F(CommandLine, IdentityProvidersAreRolledBack) {
  const auto first = file("kept-1.json", R"({"name": "kept", "description": "one",
      "jit": {"isEnabled": true}, "roles": {"maxRevokedPerLogin": 3}})");
  const auto second = file("kept-2.json", R"({"name": "kept", "description": "two"})");
  expectSteps({
      {{"idp", "history", "kept"}, 1, {"kept"}},
      {{"idp", "apply", first}, 0, {"warning: kept: /roles/maxRevokedPerLogin: ", "(JIT-2005)"}},
      {{"idp", "apply", second}, 0},
      {{"idp", "history", "kept"}, 0, {"version", "cli"}},
      {{"idp", "history", "kept", "1"}, 0, {R"("description": "one")"}},
      {{"idp", "history", "kept", "9"}, 1, {"version 9"}},
      {{"idp", "rollback", "kept", "9"}, 1, {"version 9"}},
      {{"idp", "rollback", "kept", "0"}, 2},
      {{"idp", "rollback", "kept", "1"}, 0, {"kept: settings applied", "(JIT-2005)"}},
      {{"idp", "show", "kept"}, 0, {R"("description": "one")"}},
      {{"idp", "delete", "kept"}, 0},
      {{"idp", "rollback", "kept", "2"}, 0, {"kept: created"}},
      {{"idp", "delete", "kept"}, 0},
  });
  const auto kept = jsonOf(run({"--json", "idp", "history", "kept"}));
  ASSERT_EQ(kept.array()->size(), 6U);
  EXPECT_EQ((*kept.array())[0].boolAt("deleted"), true);
  EXPECT_EQ((*kept.array())[5].boolAt("deleted"), false);
  EXPECT_EQ(column(kept, "by"), Arguments(6, "cli"));
}

TEST_F(CommandLine, TokensAreShownOnce) {
  const auto made = run({"--json", "token", "create", "--name", "okta", "--scope", "scim:read",
                         "--scope", "scim:write", "--domain", "PRIMARY"});
  const std::string token(jsonOf(made).stringAt("token").value_or(""));
  EXPECT_EQ(token.rfind("vst_", 0), 0U) << made.output;
  const auto plain = run({"token", "create", "--name", "plain", "--scope", "jit"});
  EXPECT_EQ(plain.status, 0);
  EXPECT_NE(plain.output.find("token: vst_"), std::string::npos);
  EXPECT_NE(plain.errors.find("shown this once"), std::string::npos);

  const auto tolerant = run({"token", "create", "--name", "entra", "--scope", "scim:write",
                             "--tolerances", "entra,-string_booleans"});
  EXPECT_EQ(tolerant.status, 0);
  EXPECT_NE(tolerant.output.find("tolerances: entra,-string_booleans"), std::string::npos);

  const auto listed = run({"--json", "token", "list"});
  EXPECT_TRUE(has(column(jsonOf(listed), "name"), "okta"));
  EXPECT_EQ(listed.output.find(token), std::string::npos);
  expectSteps({
      {{"token", "list"}, 0, {"okta", "scim:read scim:write", "PRIMARY"}},
      {{"token", "create", "--name", "okta", "--scope", "jit"}, 1, {"exists already"}},
      {{"token", "create", "--name", "x", "--scope", "everything"}, 1, {"everything"}},
      {{"token", "create", "--name", "x", "--scope", "jit", "--domain", "NOWHERE"}, 1, {"NOWHERE"}},
      {{"token", "create", "--name", "x", "--scope", "jit", "--tolerances", "lenient"},
       1,
       {"strict, entra, okta, default", "lenient"}},
      {{"token", "list"}, 0, {"entra,-string_booleans"}},
      {{"token", "create", "--name", "x", "--scope", "jit", "--expires", "soon"},
       1,
       {"--expires takes a date and time"}},
      {{"token", "revoke", "okta"}, 0, {"okta is revoked"}},
      {{"token", "revoke", "okta"}, 1, {"okta"}},
      {{"token", "revoke", "plain"}, 0},
  });
  EXPECT_FALSE(has(column(jsonOf(run({"--json", "token", "list"})), "name"), "okta"));
}

TEST_F(CommandLine, ATokenIsBoundToAUser) {
  const std::string writer = server_->token("writer", "scim:write");
  const Answer ann = server_->scim(
      "POST", "/scim/v2/Users", writer,
      R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ann"})");
  ASSERT_EQ(ann.status, 201) << ann.body;
  const std::string id(ann.json().stringAt("id").value_or(""));
  const auto made = run({"--json", "token", "create", "--name", "ann", "--scope", "me:read",
                         "--scope", "me:write", "--user", id});
  EXPECT_EQ(jsonOf(made).stringAt("user"), id);
  const Arguments create{"token", "create", "--name", "x", "--scope", "me:read"};
  const auto with = [&](const Arguments& more) {
    Arguments arguments = create;
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  expectSteps({
      {{"token", "create", "--help"},
       0,
       {"--user", "--identity-provider", "--subject", "me:write"}},
      {{"token", "list"}, 0, {"me:read me:write", id}},
      {create, 1, {"bound to a user"}},
      {with({"--user", "ann"}), 1, {"no user with the id \"ann\""}},
      {with({"--identity-provider", "idp", "--subject", "7"}), 1, {"no identity provider \"idp\""}},
      {with({"--identity-provider", "idp"}), 2, {"--subject"}},
      {with({"--subject", "7"}), 2, {"--identity-provider"}},
      {with({"--user", id, "--identity-provider", "idp", "--subject", "7"}), 2, {"--user"}},
      {{"token", "revoke", "ann"}, 0},
      {{"token", "revoke", "writer"}, 0},
  });
}

TEST_F(CommandLine, ConfigTellsDefaultsAndWhatIsInForce) {
  const std::string secret = file(
      "secret.toml", "[database]\nurl = \"mysql://me:hunter2@db/\"\n[log]\nlevel = \"warn\"\n");
  expectSteps({
      {{"config"}, 0, {"[server]", "public_port = 8080", "VESTIBULE_SERVER_PUBLIC_PORT"}},
      {{"config", "--effective"}, 0, {(folder_->path() / "data").string(), "public_port = 0"}},
      {{"--config", secret, "config", "--effective"},
       0,
       {"mysql://me:***@db/", "level = \"warn\""}},
      {{"--config", "/no/such.toml", "config"}, 1, {"/no/such.toml"}},
      {{"--config", file("bad-key.toml", "[server]\nworkrs = 1\n"), "config"},
       1,
       {"bad-key.toml:2: ", "server.workers"}},
  });
  const auto described = jsonOf(run({"config", "--json"}));
  EXPECT_TRUE(has(column(described, "key"), "server.public_port"));
  EXPECT_TRUE(has(column(described, "variable"), "VESTIBULE_DATA_DIR"));
  const auto effective = jsonOf(run({"--json", "--config", secret, "config", "--effective"}));
  EXPECT_EQ(effective.find("log")->stringAt("level"), "warn");
  EXPECT_EQ(effective.find("database")->stringAt("url"), "mysql://me:***@db/");
  EXPECT_EQ(effective.stringAt("data_dir"), (folder_->path() / "data").string());
}

TEST_F(CommandLine, CheckAdvisesOnPolicies) {
  expectSteps({
      {{"domain", "create", "PAIRS", "--set", "UsernameJavaRegEx=^[a-z]{3,30}$", "--set",
        "UsernameJavaScriptRegEx=^[a-z]{5,30}$"},
       0},
      {{"domain", "create", "SLASHES", "--set", "UsernameJavaRegEx=^[a-z/]{3,30}$", "--set",
        "UsernameJavaScriptRegEx=^[a-z/]{3,30}$"},
       0},
      {{"domain", "create", "COSTLY", "--set", "UsernameJavaRegEx=", "--set",
        "UsernameJavaScriptRegEx=^(a+)+$"},
       0},
      {{"idp", "apply",
        file("by-mail.json", R"({"name": "by-mail", "claims": {"userIdClaim": "email"},
          "jit": {"isEnabled": true, "userstore": "SLASHES"}})")},
       0,
       {"by-mail: created", "warning: by-mail: /claims/userIdClaim: no name that was tried"}},
      {{"check"},
       0,
       {"warning: domain PAIRS, UsernameJavaScriptRegEx: \"abc\" is permitted by "
        "UsernameJavaRegEx but not by this pattern; a text has to satisfy both (POL-2001)",
        "warning: domain SLASHES, UsernameJavaRegEx: \"a/b\" is permitted, but the first / of a "
        "name ends the name of its domain (POL-2002)",
        "warning: domain COSTLY, UsernameJavaScriptRegEx: texts can be made on which the pattern "
        "meets its limit of work",
        "warning: identity provider by-mail, /claims/userIdClaim: no name that was tried, such as "
        "'zoe.nunez@acme.example', is allowed by the user name policy of domain SLASHES "
        "(JIT-2001)"}},
      {{"idp", "delete", "by-mail"}, 0},
  });
  const auto findings = jsonOf(run({"--json", "check"}));
  for (const char* code : {"POL-2001", "POL-2002", "POL-2003"}) {
    EXPECT_TRUE(has(column(findings, "code"), code)) << code;
  }
  for (const char* domain : {"PAIRS", "SLASHES", "COSTLY"}) {
    expectSteps({{{"domain", "delete", domain, "--confirm", domain}, 0}});
  }
}

TEST_F(CommandLine, CheckFindsPrivilegedAttributesThatTheSchemaFilesHaveNoMore) {
  expectSteps({
      {{"domain", "create", "KEPT", "--set", "privilegedAttributes=roles,userType", "--set",
        "privilegedGroups=Admins, ops-*"},
       0,
       {"privilegedAttributes: roles, userType", "privilegedGroups: Admins, ops-*"}},
      {{"domain", "set", "KEPT", "--set", "privilegedAttributes=rols"},
       1,
       {"/privilegedAttributes/0: 'rols' is no attribute of users"}},
      {{"check"}, 0},
  });
  const auto schemas = folder_->path() / "schemas";
  std::filesystem::copy(VESTIBULE_SOURCE_DIR "/scim-schemas", schemas,
                        std::filesystem::copy_options::recursive);
  std::ifstream file(schemas / "user.json");
  std::string text(std::istreambuf_iterator<char>(file), {});
  const std::string name = R"("name": "userType")";
  ASSERT_NE(text.find(name), std::string::npos);
  text.replace(text.find(name), name.size(), R"("name": "userKind")");
  std::ofstream(schemas / "user.json") << text;
  const auto config = (folder_->path() / "other.toml").string();
  std::ofstream(config) << "[scim]\nschema_dir = '" << schemas.string() << "'\n";
  const auto checked = run({"--config", config, "check"});
  EXPECT_EQ(checked.status, 1);
  EXPECT_NE(checked.output.find("error: domain KEPT: /privilegedAttributes/1: 'userType' is no "
                                "attribute of users"),
            std::string::npos)
      << checked.output << checked.errors;
  expectSteps({{{"domain", "delete", "KEPT", "--confirm", "KEPT"}, 0}});
}

TEST_F(CommandLine, MigrateHasNothingToDoBesideARunningServer) {
  expectSteps({{{"migrate"}, 0, {"The database is up to date."}}});
  const auto report = jsonOf(run({"migrate", "--json"}));
  EXPECT_TRUE(report.stringAt("database"));
  ASSERT_NE(report.find("steps"), nullptr);
  EXPECT_TRUE(report.find("steps")->array()->empty());
}

TEST_F(CommandLine, AuditListsWhatLoginsDid) {
  const auto document =
      file("audit-idp.json",
           R"({"name": "audited", "claims": {"userIdClaim": "uid"}, "jit": {"isEnabled": true}})");
  expectSteps({{{"idp", "apply", document}},
               {{"audit", "--identity-provider", "audited"}},
               {{"audit", "--subject", "s-1"}, 2, {"--identity-provider"}},
               {{"audit", "--user", "bob"}, 1, {"user is the id of a user"}},
               {{"audit", "--from", "yesterday"}, 1, {"from is a date and time"}}});
  // The server that knows the token knows the identity provider, which came before it.
  const auto token = server_->token("audited-gateway", "jit");
  for (const char* subject : {"s-1", "s-2"}) {
    const auto answer =
        server_->internal("POST", "/jit/v1/provision", token,
                          std::string(R"({"identityProvider": "audited", "subject": ")") + subject +
                              R"(", "claims": {"uid": "audited-)" + subject + "\"}}",
                          {std::string("X-Correlation-Id: r-") + subject});
    ASSERT_EQ(answer.status, 201) << answer.body;
  }
  const Arguments all = {"audit", "--identity-provider", "audited"};
  expectSteps({{all, 0, {"jit.created", "r-s-1", "r-s-2", "audited-gateway", "PRIMARY"}},
               {all, 0, {"identity-provider.created", "cli"}}});
  const auto listed = jsonOf(run({"--json", "audit", "--identity-provider", "audited", "--action",
                                  "jit.created", "--count", "1"}));
  EXPECT_EQ(column(*listed.find("events"), "subject"), Arguments{"s-2"});
  const std::string cursor(listed.stringAt("cursor").value_or(""));
  const auto rest = jsonOf(run({"--json", "audit", "--identity-provider", "audited", "--action",
                                "jit.created", "--cursor", cursor}));
  EXPECT_EQ(column(*rest.find("events"), "subject"), Arguments{"s-1"});
  EXPECT_EQ(rest.find("cursor"), nullptr);
  EXPECT_NE(run({"audit", "--count", "1"}).errors.find("There is more: --cursor "),
            std::string::npos);
}

TEST(CommandLineAlone, OnlyMigrateAndServeMakeADatabase) {
  const TemporaryFolder folder;
  const auto data_dir = folder.path() / "data";
  const auto document = folder.path() / "idp.json";
  std::ofstream(document) << R"({"name": "idp"})";
  const auto run = [&](const Arguments& arguments) {
    return runCommand(VESTIBULE_BINARY, arguments, {{"VESTIBULE_DATA_DIR", data_dir.string()}});
  };
  const Arguments commands[] = {
      {"check"},
      {"domain", "list"},
      {"domain", "create", "CORP"},
      {"idp", "list"},
      {"idp", "apply", document.string()},
      {"token", "list"},
      {"token", "create", "--name", "okta", "--scope", "jit"},
  };
  for (const Arguments& command : commands) {
    SCOPED_TRACE(lineOf(command));
    const auto result = run(command);
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(result.output, "");
    EXPECT_NE(result.errors.find("there is no database in data_dir " + data_dir.string()),
              std::string::npos)
        << result.errors;
    EXPECT_NE(result.errors.find("vestibule migrate"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(data_dir));
  }
  const auto migrated = run({"migrate"});
  EXPECT_EQ(migrated.status, 0) << migrated.errors;
  EXPECT_NE(migrated.output, "The database is up to date.\n");
  // No server runs: the command runs the database for as long as it takes.
  EXPECT_EQ(column(jsonOf(run({"--json", "domain", "list"})), "name"), Arguments{"PRIMARY"});
}

}  // namespace
}  // namespace vestibule::test
