// Index entries of groups.

#include <atomic>
#include <map>

#include "contract/store/store_fixture.h"
#include "support/team_schemas.h"

namespace vestibule::store::test {
namespace {

using scim::test::kTeamUrn;
using scim::test::teamGroupType;

class GroupEntriesTest : public StoreTest {
 protected:
  /// A group with these attributes of the extension.
  NewGroup teamOf(std::string_view name, const std::string& attributes) const {
    return groupOf(name, "{\"" + std::string(kTeamUrn) + "\":{" + attributes + "}}");
  }

  Result<void> insert(const NewGroup& group, const std::vector<ResourceId>& members = {}) {
    return database().write([&](Session& session) {
      return insertGroup(session, domain(), teamGroupType(), group.meta, group.write, members,
                         audit());
    });
  }

  Result<std::optional<GroupChange>> changeIn(Session& session, const DomainTables& domain,
                                              const ResourceId& id,
                                              const std::optional<GroupWrite>& after,
                                              const MembershipChange& members = {}) {
    return changeGroup(
        session, domain, teamGroupType(), id,
        [&](const StoredResource&) { return Result<std::optional<GroupWrite>>(after); }, members, 5,
        audit());
  }
  Result<std::optional<GroupChange>> change(const ResourceId& id, const GroupWrite& after,
                                            const MembershipChange& members = {}) {
    return database().write(
        [&](Session& session) { return changeIn(session, domain(), id, after, members); });
  }

  std::vector<std::string> entries() {
    return rows(
        "SELECT g.display_name, a.attribute, a.value_key, a.unique_key FROM "
        "{domain}.group_attributes a JOIN {domain}.user_groups g ON g.seq = a.group_seq ORDER BY "
        "1, 2, 3");
  }

  static void expectTaken(const Error& refused, const std::string& attribute) {
    EXPECT_EQ(refused.kind, ErrorKind::kUniqueness) << refused.internal;
    EXPECT_EQ(refused.attribute, attribute);
    EXPECT_EQ(refused.detail, "another Group has this " + attribute);
  }

  /// How many statements of each kind `work` sends.
  std::map<std::string, int> statementsOf(const std::function<Result<void>(Session&)>& work) {
    std::map<std::string, int> sent;
    const auto count = [&](Session& session, int sign) -> Result<void> {
      StatementBatch batch;
      batch.add(
          "SHOW SESSION STATUS WHERE Variable_name IN ('Com_select', 'Com_insert', 'Com_update', "
          "'Com_delete')");
      auto results = batch.run(session);
      if (!results) return propagate(results);
      for (const auto& row : results->front().rows) {
        sent[row[0]->substr(std::string_view("Com_").size())] += sign * std::stoi(*row[1]);
      }
      return {};
    };
    write([&](Session& session) -> Result<void> {
      if (auto begun = count(session, -1); !begun) return begun;
      if (auto worked = work(session); !worked) return worked;
      return count(session, 1);
    });
    return sent;
  }

  const std::string code_ = std::string(kTeamUrn) + ":code";
};

using Lines = std::vector<std::string>;
using Sent = std::map<std::string, int>;

TEST_F(GroupEntriesTest, ComeChangeAndGoWithTheGroup) {
  const auto bob = addUser("bob");
  const auto id =
      addGroup(teamOf("a", R"("costCentre":"CC-1","code":"A","contacts":[{"value":"X","type":"t"},)"
                           R"({"value":"Y"}],"motto":"not indexed")"),
               {bob});
  addGroup(teamOf("b", R"("costCentre":"cc-1")"));
  EXPECT_EQ(entries(), (Lines{"a|1101|cc-1|NULL", "a|1102|A|A", "a|1103|x|NULL", "a|1103|y|NULL",
                              "b|1101|cc-1|NULL"}));

  auto done = valueOf(change(
      id, teamOf("a", R"("costCentre":"CC-2","code":"A","contacts":[{"value":"y"}])").write));
  EXPECT_TRUE(done->changed);
  EXPECT_EQ(entries(),
            (Lines{"a|1101|cc-2|NULL", "a|1102|A|A", "a|1103|y|NULL", "b|1101|cc-1|NULL"}));

  // A change that leaves the entries to those that are stored.
  auto renamed = teamOf("c", R"("costCentre":"CC-2","code":"A","contacts":[{"value":"y"}])").write;
  renamed.keys.entries.reset();
  valueOf(change(id, renamed));
  EXPECT_EQ(entries(),
            (Lines{"b|1101|cc-1|NULL", "c|1101|cc-2|NULL", "c|1102|A|A", "c|1103|y|NULL"}));

  valueOf(change(id, groupOf("c").write));
  EXPECT_EQ(entries(), (Lines{"b|1101|cc-1|NULL"}));
  valueOf(change(id, teamOf("c", R"("code":"B")").write, {{bob}, {}, true}));
  EXPECT_TRUE(write([&](Session& session) {
    return deleteGroup(
        session, domain(), id, [](const StoredResource&) { return Result<void>(); }, 6, audit());
  }));
  EXPECT_EQ(entries(), (Lines{"b|1101|cc-1|NULL"}));
}

TEST_F(GroupEntriesTest, CostNothingWhereThereAreNoneOrNoneChange) {
  const auto bob = addUser("bob");
  const auto inserting = [&](const NewGroup& group) {
    return statementsOf([&](Session& session) {
      return insertGroup(session, domain(), teamGroupType(), group.meta, group.write, {}, audit());
    });
  };
  const auto changing = [&](const ResourceId& id, const std::optional<GroupWrite>& after,
                            const MembershipChange& members = {}) {
    return statementsOf([&](Session& session) -> Result<void> {
      auto done = changeIn(session, domain(), id, after, members);
      if (!done) return propagate(done);
      EXPECT_TRUE((*done)->changed);
      return {};
    });
  };
  const auto plain = groupOf("plain");
  const auto team = teamOf("team", R"("costCentre":"c","rooms":[1,2])");
  // The group, the revision of group names, and the event.
  EXPECT_EQ(inserting(plain), (Sent{{"delete", 0}, {"insert", 2}, {"select", 0}, {"update", 1}}));
  EXPECT_EQ(inserting(team), (Sent{{"delete", 0}, {"insert", 3}, {"select", 0}, {"update", 1}}));

  auto renamed = teamOf("renamed", R"("costCentre":"c","rooms":[1,2])");
  renamed.write.keys.entries.reset();
  auto plain_renamed = groupOf("plain too");
  plain_renamed.write.keys.entries.reset();
  const Sent lock_and_write{{"delete", 0}, {"insert", 1}, {"select", 1}, {"update", 2}};
  EXPECT_EQ(changing(plain.meta.id, plain_renamed.write), lock_and_write);
  EXPECT_EQ(changing(team.meta.id, renamed.write), lock_and_write);
  // What is stored is read, and what differs is written.
  EXPECT_EQ(changing(team.meta.id, teamOf("renamed", R"("costCentre":"d","rooms":[1,2,3])").write),
            (Sent{{"delete", 1}, {"insert", 2}, {"select", 2}, {"update", 2}}));

  // The user, the group; its row, what was somebody else's.
  const Sent one_member{{"delete", 0}, {"insert", 1}, {"select", 2}, {"update", 2}};
  EXPECT_EQ(changing(plain.meta.id, std::nullopt, {{bob}, {}, false}), one_member);
  EXPECT_EQ(changing(team.meta.id, std::nullopt, {{bob}, {}, false}), one_member);
}

TEST_F(GroupEntriesTest, C3_AUniqueValueIsTakenByOneGroupAtATime) {
  const auto bob = addUser("bob");
  const auto inner = addGroup("inner");
  const auto first = addGroup(teamOf("One", R"("code":"A","costCentre":"c")"));
  for (const auto& members :
       std::vector<std::vector<ResourceId>>{{}, {bob}, {inner}, {bob, inner}}) {
    SCOPED_TRACE(members.size());
    expectTaken(insert(teamOf("two", R"("code":"A")"), members).error(), code_);
    EXPECT_EQ(insert(teamOf("ONE", R"("code":"B")"), members).error().attribute, "displayName");
  }
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.user_groups"), "2") << "nothing is half-written";
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.memberships"), "0");
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.group_nesting"), "0");

  // code is caseExact, and costCentre is not unique.
  const auto second = teamOf("two", R"("code":"a","costCentre":"c")");
  ASSERT_TRUE(insert(second));
  const auto id = second.meta.id;
  const auto before = entries();
  for (const MembershipChange& members :
       {MembershipChange{}, MembershipChange{{bob}, {}, false}, MembershipChange{{}, {}, true},
        MembershipChange{{inner}, {}, false}}) {
    expectTaken(change(id, teamOf("two", R"("code":"A","costCentre":"d")").write, members).error(),
                code_);
    EXPECT_EQ(entries(), before);
    EXPECT_EQ(groupVersion(id), 1U);
  }
  EXPECT_EQ(change(id, teamOf("one", R"("code":"b")").write).error().attribute, "displayName");
  // Its own values are no one else's, and what another has given up is free.
  EXPECT_TRUE(change(id, teamOf("Two", R"("code":"a","costCentre":"d")").write));
  EXPECT_TRUE(change(first, teamOf("One", R"("code":"B")").write));
  EXPECT_TRUE(change(id, teamOf("Two", R"("code":"A")").write));
  EXPECT_EQ(entries(), (Lines{"One|1102|B|B", "Two|1102|A|A"}));
}

TEST_F(GroupEntriesTest, LongUniqueValuesAreToldApart) {
  const std::string text(300, 'x');
  addGroup(teamOf("a", R"("code":")" + text + "\""));
  expectTaken(insert(teamOf("b", R"("code":")" + text + "\"")).error(), code_);
  EXPECT_TRUE(insert(teamOf("b", R"("code":")" + text + "y\"")));
}

// Writers of one value at once: exactly one of them has it, and nobody gets another error.
TEST_F(GroupEntriesTest, OfManyAtOnceOneGetsTheUniqueValue) {
  std::vector<ResourceId> groups;
  for (int i = 0; i < 4; ++i) groups.push_back(addGroup("g" + std::to_string(i)));
  std::atomic<int> stored{0};
  std::atomic<int> taken{0};
  inParallel(8, [&](int i) {
    const auto group = teamOf("n" + std::to_string(i), R"("code":"S")");
    const auto made = i < 4 ? insert(group) : Result<void>();
    const auto changed = i < 4 ? Result<std::optional<GroupChange>>(std::nullopt)
                               : change(groups[static_cast<std::size_t>(i - 4)], group.write);
    if (made && changed) ++stored;
    if (!made && made.error().kind == ErrorKind::kUniqueness) ++taken;
    if (!changed && changed.error().kind == ErrorKind::kUniqueness) ++taken;
  });
  EXPECT_EQ(stored, 1);
  EXPECT_EQ(taken, 7);
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.group_attributes"), "1");
}

TEST_F(GroupEntriesTest, ThoseOfAnOlderSchemaFileGoWithTheNextThatAreWritten) {
  const auto id = addGroup(teamOf("g", R"("costCentre":"c","code":"A")"));
  // One attribute had another number, and one that is no longer unique was.
  run({"UPDATE {domain}.group_attributes SET attribute = 999 WHERE attribute = 1102",
       "UPDATE {domain}.group_attributes SET unique_key = value_key WHERE attribute = 1101"});
  ASSERT_TRUE(change(id, teamOf("g", R"("costCentre":"c","code":"B")").write));
  EXPECT_EQ(entries(), (Lines{"g|1101|c|NULL", "g|1102|B|B"}));
}

}  // namespace
}  // namespace vestibule::store::test
