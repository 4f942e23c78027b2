// A server on a database that is not its own: what it refuses to start on and says why, what it
// only warns of, and two servers that share one.

#include <gtest/gtest.h>
#include <mysql.h>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include "fault/server/sample_requests.h"
#include "support/private_database.h"
#include "support/processes.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"

namespace vestibule::test {
namespace {

/// The shared database's administrator.
class Administrator {
 public:
  Administrator() : connection_(mysql_init(nullptr)) {
    if (mysql_real_connect(connection_, nullptr, "root", "", nullptr, 0,
                           privateDatabaseSocket().c_str(), 0) == nullptr) {
      throw std::runtime_error(mysql_error(connection_));
    }
  }
  ~Administrator() { mysql_close(connection_); }
  Administrator(const Administrator&) = delete;
  Administrator& operator=(const Administrator&) = delete;
  void run(const std::string& sql) {
    if (mysql_query(connection_, sql.c_str()) != 0) {
      throw std::runtime_error(mysql_error(connection_));
    }
  }
  void tryTo(const std::string& sql) { mysql_query(connection_, sql.c_str()); }

 private:
  MYSQL* connection_;
};

/// Settings of the shared database, put back at the end.
class GlobalSetting {
 public:
  GlobalSetting(const std::string& name, const std::string& value) : name_(name) {
    administrator_.run("SET @before = @@GLOBAL." + name);
    administrator_.run("SET GLOBAL " + name + " = " + value);
  }
  ~GlobalSetting() { administrator_.tryTo("SET GLOBAL " + name_ + " = @before"); }
  GlobalSetting(const GlobalSetting&) = delete;
  GlobalSetting& operator=(const GlobalSetting&) = delete;

 private:
  Administrator administrator_;
  std::string name_;
};

/// An account of the shared database that may do what docs/database-users.md lets a service do.
class ServiceAccount {
 public:
  explicit ServiceAccount(const std::string& name) : name_(name) {
    administrator_.run("CREATE USER '" + name_ + "'@'localhost'");
    administrator_.run("GRANT SELECT, INSERT, UPDATE, DELETE ON `vestibule\\_%`.* TO '" + name_ +
                       "'@'localhost'");
  }
  ~ServiceAccount() { administrator_.tryTo("DROP USER '" + name_ + "'@'localhost'"); }
  ServiceAccount(const ServiceAccount&) = delete;
  ServiceAccount& operator=(const ServiceAccount&) = delete;
  [[nodiscard]] std::string url() const {
    auto url = privateDatabaseUrl();
    return url.replace(url.find("root"), 4, name_);
  }

 private:
  Administrator administrator_;
  std::string name_;
};

class StartTest : public ::testing::Test {
 protected:
  std::unique_ptr<ServerProcess> start(const std::string& name) {
    return std::make_unique<ServerProcess>(
        VESTIBULE_BINARY, folder_.path() / name,
        std::map<std::string, std::string>{{"VESTIBULE_DATABASE_URL", privateDatabaseUrl()}});
  }
  /// What a server says that does not start.
  std::string refusal() {
    try {
      start("refused");
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "it started";
  }

  TemporaryFolder folder_;
};

TEST_F(StartTest, ADatabaseThatCannotKeepItsWordIsRefused) {
  struct Case {
    const char* setting;
    const char* value;
    const char* said;
  };
  for (const auto& look : {
           Case{"innodb_flush_log_at_trx_commit", "0", "innodb_flush_log_at_trx_commit is 0"},
           Case{"read_only", "1", "read_only is on: nothing can be written"},
           Case{"max_allowed_packet", "1048576", "max_allowed_packet is 1048576 bytes"},
       }) {
    const GlobalSetting bad(look.setting, look.value);
    const auto said = refusal();
    EXPECT_NE(said.find(look.said), std::string::npos) << said;
    EXPECT_NE(said.find("the database cannot be used"), std::string::npos) << said;
  }
}

TEST_F(StartTest, ADatabaseThatMayLoseTheLastSecondIsWarnedOf) {
  const GlobalSetting risky("innodb_flush_log_at_trx_commit", "2");
  const auto server = start("warned");
  EXPECT_NE(server->log().find("innodb_flush_log_at_trx_commit is 2"), std::string::npos)
      << server->log();
}

TEST_F(StartTest, SettingsOfTheDatabaseThatSessionsSetThemselvesDoNotMatter) {
  const GlobalSetting mode("sql_mode", "'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'");
  const GlobalSetting characters("character_set_server", "latin1");
  const GlobalSetting zone("time_zone", "'-08:00'");
  const auto server = start("strange");
  const auto token = server->token("t", "scim:read scim:write");
  const auto made = server->scim(
      "POST", "/scim/v2/Users", token,
      R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"o'brien\\","displayName":"Łódź 😀"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const auto found =
      server->scim("GET", "/scim/v2/Users?filter=userName%20eq%20%22o'brien%5C%5C%22", token);
  ASSERT_EQ(found.status, 200) << found.body;
  EXPECT_NE(found.body.find(R"("totalResults":1)"), std::string::npos) << found.body;
  EXPECT_NE(found.body.find(R"("userName":"o'brien\\")"), std::string::npos) << found.body;
  EXPECT_NE(found.body.find(R"("displayName":"Łódź 😀")"), std::string::npos) << found.body;
}

TEST_F(StartTest, TwoServersShareOneDatabase) {
  const auto one = start("one");
  const auto two = start("two");
  const auto operator_token = one->token("operator", "admin");
  const auto made = one->internal("POST", "/admin/v1/domains", operator_token,
                                  R"({"name":"SHARED"})", {"Content-Type: application/json"});
  ASSERT_EQ(made.status, 201) << made.body;
  const bool heard = eventually([&] {
    return two->internal("GET", "/admin/v1/domains/SHARED", operator_token).status == 200;
  });
  ASSERT_TRUE(heard) << "the other server learns of the token and the domain";
  const auto again = two->internal("POST", "/admin/v1/domains", operator_token,
                                   R"({"name":"SHARED"})", {"Content-Type: application/json"});
  EXPECT_EQ(again.status, 409) << again.body;

  const auto token = one->token("scim", "scim:read scim:write", "SHARED");
  const std::string users = "/domains/SHARED/scim/v2/Users";
  const bool known = eventually([&] { return two->scim("GET", users, token).status == 200; });
  ASSERT_TRUE(known);
  const auto user =
      two->scim("POST", users, token,
                R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"bob"})");
  EXPECT_EQ(user.status, 201) << user.body;
  const auto found =
      one->scim("GET", users + "?filter=" + percentEncode("userName eq \"bob\""), token);
  EXPECT_NE(found.body.find("\"totalResults\":1,"), std::string::npos) << found.body;

  // Deleted by one and made again: the old token opens nothing of it on either, at no time.
  const auto gone =
      one->internal("DELETE", "/admin/v1/domains/SHARED?confirm=SHARED", operator_token);
  ASSERT_EQ(gone.status, 204) << gone.body;
  const auto remade = one->internal("POST", "/admin/v1/domains", operator_token,
                                    R"({"name":"SHARED"})", {"Content-Type: application/json"});
  ASSERT_EQ(remade.status, 201) << remade.body;
  for (const auto* server : {one.get(), two.get()}) {
    const bool shut = eventually([&] {
      const auto answer = server->scim("GET", users, token);
      EXPECT_NE(answer.status, 500) << answer.body;
      EXPECT_NE(answer.status, 200) << answer.body;
      return answer.status == 404;
    });
    EXPECT_TRUE(shut);
  }
}

TEST_F(StartTest, AServerStartsWhileABackupARestoringOrAMoveRuns) {
  start("before");
  Administrator backup;
  backup.run("DO GET_LOCK('vestibule migrates vestibule_control', 0)");
  const auto server = start("meanwhile");
  const auto token = server->token("meanwhile", "scim:read scim:write");
  EXPECT_EQ(server->scim("POST", "/scim/v2/Users", token, user("meanwhile")).status, 201);
}

TEST_F(StartTest, AnAccountThatMayOnlyReadAndWriteRowsServesWhatAnotherHasMade) {
  const ServiceAccount account("vestibule_service");
  const std::map<std::string, std::string> owner{{"VESTIBULE_DATABASE_URL", privateDatabaseUrl()}};
  ASSERT_EQ(runCommand(VESTIBULE_BINARY, {"migrate"}, owner).status, 0);
  const ServerProcess server(VESTIBULE_BINARY, folder_.path() / "limited",
                             {{"VESTIBULE_DATABASE_URL", account.url()}});
  EXPECT_NE(server.log().find("the database user lacks CREATE"), std::string::npos) << server.log();
  ASSERT_TRUE(applyIdentityProvider(server, folder_.path()));
  const auto token = server.token("limited", "scim:read scim:write jit");
  const std::string users = "/scim/v2/Users";
  const auto made = server.scim("POST", users, token, user("bob"));
  ASSERT_EQ(made.status, 201) << made.body;
  const auto one = users + "/" + std::string(made.json().stringAt("id").value_or(""));
  EXPECT_EQ(server.scim("PUT", one, token, user("rob")).status, 200);
  EXPECT_EQ(server.scim("DELETE", one, token).status, 204);
  const auto provisioned = server.internal("POST", "/jit/v1/provision", token, login("a"),
                                           {"Content-Type: application/json"});
  EXPECT_EQ(provisioned.status, 201) << provisioned.body;

  const auto denied = server.command({"domain", "create", "SALES"});
  EXPECT_EQ(denied.status, 1);
  EXPECT_NE(denied.errors.find("denied"), std::string::npos) << denied.errors;
  const auto allowed = runCommand(VESTIBULE_BINARY, {"domain", "create", "SALES"}, owner);
  EXPECT_EQ(allowed.status, 0) << allowed.errors;
}

}  // namespace
}  // namespace vestibule::test
