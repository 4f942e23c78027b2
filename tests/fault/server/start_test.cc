// A server on a database that is not its own: what it refuses to start on and says why, what it
// only warns of, and two servers that share one.

#include <gtest/gtest.h>
#include <mysql.h>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include "support/private_database.h"
#include "support/processes.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"

namespace vestibule::test {
namespace {

/// Settings of the shared database, put back at the end.
class GlobalSetting {
 public:
  GlobalSetting(const std::string& name, const std::string& value) : name_(name) {
    connection_ = mysql_init(nullptr);
    if (mysql_real_connect(connection_, nullptr, "root", "", nullptr, 0,
                           privateDatabaseSocket().c_str(), 0) == nullptr) {
      throw std::runtime_error(mysql_error(connection_));
    }
    run("SET @before = @@GLOBAL." + name);
    run("SET GLOBAL " + name + " = " + value);
  }
  ~GlobalSetting() {
    mysql_query(connection_, ("SET GLOBAL " + name_ + " = @before").c_str());
    mysql_close(connection_);
  }
  GlobalSetting(const GlobalSetting&) = delete;
  GlobalSetting& operator=(const GlobalSetting&) = delete;

 private:
  void run(const std::string& sql) {
    if (mysql_query(connection_, sql.c_str()) != 0) {
      throw std::runtime_error(mysql_error(connection_));
    }
  }
  std::string name_;
  MYSQL* connection_;
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

}  // namespace
}  // namespace vestibule::test
