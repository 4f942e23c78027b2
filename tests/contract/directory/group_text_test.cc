// Groups with more members than are read at once, as they are shown.
#include "directory/group_text.h"

#include <map>

#include "contract/directory/directory_test.h"
#include "directory/groups.h"

namespace vestibule::directory {
namespace {

/// More than two reads give, and no multiple of one.
constexpr std::size_t kMembers = 4'321;

class LargeGroup : public test::DirectoryTest {
 protected:
  LargeGroup() {
    const std::string ann = user(inDomain("CORP"), "ann");
    inner_ = group(inDomain("CORP"), "inner");
    group_ = group(inDomain("CORP"), "large", {ann, inner_});
    // One by one they would take the time of all other tests together.
    inCorp(
        "INSERT INTO {corp}.users (id, user_name_fold, user_name_case, version, created, "
        "modified, document) SELECT UNHEX(CONCAT(HEX(LEFT(u.id, 12)), LPAD(HEX(n.n), 8, '0'))), "
        "CONCAT('m', n.n), '', 1, 1, 1, CONCAT('{\"schemas\":[\"urn:ietf:params:scim:schemas:core:"
        "2.0:User\"],\"userName\":\"m', n.n, '\"}') FROM {corp}.users u, (SELECT a.d + 10 * b.d "
        "+ 100 * c.d + 1000 * e.d AS n FROM " +
        digits("a") + ", " + digits("b") + ", " + digits("c") + ", " + digits("e") +
        ") n WHERE n.n < " + std::to_string(kMembers - 2));
    inCorp(
        "INSERT IGNORE INTO {corp}.memberships (group_seq, user_seq, by_scim) SELECT g.seq, "
        "u.seq, 1 FROM {corp}.user_groups g, {corp}.users u WHERE g.display_name = 'large'");
  }

  /// Runs it behind the directory's back; `{corp}` stands for the schema of CORP.
  void inCorp(std::string sql) {
    const std::string& schema = catalog_->current()->findDomain("CORP")->tables().schema;
    for (auto at = sql.find("{corp}"); at != std::string::npos; at = sql.find("{corp}")) {
      sql.replace(at, 6, schema);
    }
    ask(std::move(sql));
  }

  static std::string digits(const std::string& name) {
    std::string rows = "(SELECT 0 AS d";
    for (const char digit : std::string("123456789")) {
      rows += std::string(" UNION ALL SELECT ") + digit;
    }
    return rows + ") " + name;
  }

  scim::Projection showing(const std::string& attributes, const std::string& excluded = "") const {
    return must(scim::Projection::parse(*context_.registry, *context_.group_type, {attributes},
                                        {excluded}));
  }

  /// All pieces, one behind the other; `between` is called before each further one.
  template <typename Between>
  std::string whole(const scim::Projection& projection, Between between) {
    auto rendered = must(getGroup(context_, inDomain("CORP"), group_, projection, {}));
    std::string text = std::move(rendered.body);
    pieces_ = 1;
    while (rendered.rest) {
      between();
      const auto piece = must(rendered.rest());
      if (piece.empty()) break;
      ++pieces_;
      EXPECT_LT(piece.size(), 600'000U);
      text += piece;
    }
    return text;
  }
  std::string whole(const scim::Projection& projection) {
    return whole(projection, [] {});
  }

  static std::map<std::string, int> timesOf(const json::Value& shown, const char* part) {
    std::map<std::string, int> times;
    for (const auto& member : *shown.find("members")->array()) {
      ++times[std::string(member.stringAt(part).value_or(""))];
    }
    return times;
  }

  std::string inner_;
  std::string group_;
  int pieces_ = 0;
};

TEST_F(LargeGroup, IsShownInPiecesWithEachMemberOnce) {
  const auto shown = scim::test::parsed(whole({}));
  EXPECT_EQ(pieces_, 3);
  EXPECT_EQ(shown.stringAt("displayName"), "large");
  EXPECT_EQ(shown.find("meta")->stringAt("version"), "W/\"1\"");
  const auto times = timesOf(shown, "value");
  EXPECT_EQ(times.size(), kMembers);
  EXPECT_EQ(times.count(inner_), 1U);
  EXPECT_EQ(shown.find("members")->array()->size(), kMembers);
  EXPECT_EQ(timesOf(shown, "type"),
            (std::map<std::string, int>{{"Group", 1}, {"User", static_cast<int>(kMembers) - 1}}));
}

TEST_F(LargeGroup, IsProjectedPieceByPiece) {
  const auto only = scim::test::parsed(whole(showing("members.display,displayName")));
  EXPECT_EQ(pieces_, 3);
  EXPECT_EQ(only.find("meta"), nullptr);
  EXPECT_EQ(only.stringAt("id"), group_);
  EXPECT_EQ(only.stringAt("displayName"), "large");
  EXPECT_EQ(timesOf(only, "display").size(), kMembers);
  EXPECT_EQ(timesOf(only, "value"), (std::map<std::string, int>{{"", kMembers}}));

  const auto except = scim::test::parsed(whole(showing("", "members.display,members.$ref")));
  EXPECT_NE(except.find("meta"), nullptr);
  EXPECT_EQ(timesOf(except, "value").size(), kMembers);
  EXPECT_EQ(timesOf(except, "$ref"), (std::map<std::string, int>{{"", kMembers}}));

  const auto without = scim::test::parsed(whole(showing("", "members")));
  EXPECT_EQ(pieces_, 1);
  EXPECT_EQ(without.find("members"), nullptr);
  EXPECT_NE(without.find("meta"), nullptr);
}

TEST_F(LargeGroup, WhoStaysIsThereOnceWhileOthersComeAndGo) {
  int turn = 0;
  const auto shown = scim::test::parsed(whole({}, [&] {
    // One who was shown goes, one who comes later goes, and a new one comes.
    inCorp(
        "DELETE FROM {corp}.memberships WHERE user_seq IN (SELECT seq FROM {corp}.users WHERE "
        "user_name_fold IN ('m" +
        std::to_string(turn) + "', 'm" + std::to_string(static_cast<int>(kMembers) - 3 - turn) +
        "'))");
    const std::string fresh = user(inDomain("CORP"), "fresh" + std::to_string(turn++));
    must(patchGroup(
        context_, inDomain("CORP"), group_,
        patchBody(R"({"op":"add","path":"members","value":[{"value":")" + fresh + "\"}]}"), {}, {},
        false));
  }));
  ASSERT_GE(turn, 2);
  EXPECT_EQ(shown.find("meta")->stringAt("version"), "W/\"1\"") << "the one from before";
  const auto times = timesOf(shown, "display");
  for (const auto& [name, count] : times) EXPECT_EQ(count, 1) << name;
  for (std::size_t i = 10; i + 13 < kMembers; ++i) {
    EXPECT_EQ(times.count("m" + std::to_string(i)), 1U) << i;
  }
}

TEST_F(LargeGroup, SaysWhenTheDatabaseGoesAwayInBetween) {
  auto rendered = must(getGroup(context_, inDomain("CORP"), group_, {}, {}));
  ASSERT_TRUE(rendered.rest);
  inCorp("DROP TABLE {corp}.idp_grants");
  inCorp("DROP TABLE {corp}.memberships");
  EXPECT_FALSE(rendered.rest());
}

TEST_F(LargeGroup, ASmallOneIsOnePiece) {
  const auto rendered = must(getGroup(context_, inDomain("CORP"), inner_, {}, {}));
  EXPECT_FALSE(rendered.rest);
  EXPECT_EQ(scim::test::parsed(rendered.body).find("members"), nullptr);
}

}  // namespace
}  // namespace vestibule::directory
