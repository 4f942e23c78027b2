// Groups in groups: the edges, what follows from them, and who may write there at once.

#include "store/group_nesting.h"

#include <atomic>
#include <map>
#include <random>
#include <set>

#include "contract/store/store_fixture.h"
#include "store/federated_identity_store.h"
#include "store/group_store.h"
#include "support/team_schemas.h"

namespace vestibule::store::test {
namespace {

const GroupEdit kKeep = [](const StoredResource&) -> Result<std::optional<GroupWrite>> {
  return std::optional<GroupWrite>();
};

using Names = std::vector<std::string>;

class GroupNestingTest : public StoreTest {
 protected:
  Result<std::optional<GroupChange>> tryChange(const ResourceId& id,
                                               const MembershipChange& members) {
    return database().write([&](Session& session) {
      return changeGroup(session, domain(), scim::test::teamGroupType(), id, kKeep, members, 5,
                         audit());
    });
  }
  bool change(const ResourceId& id, const MembershipChange& members) {
    const auto before = groupVersion(id);
    const auto done = valueOf(tryChange(id, members));
    EXPECT_TRUE(done);
    EXPECT_EQ(done->meta.version.value(), before + (done->changed ? 1 : 0));
    EXPECT_EQ(groupVersion(id), done->meta.version.value());
    return done->changed;
  }
  bool add(const ResourceId& id, std::vector<ResourceId> members) {
    return change(id, {std::move(members), {}, false});
  }
  bool remove(const ResourceId& id, std::vector<ResourceId> members) {
    return change(id, {{}, std::move(members), false});
  }
  bool replace(const ResourceId& id, std::vector<ResourceId> members) {
    return change(id, {std::move(members), {}, true});
  }
  Result<bool> tryErase(const ResourceId& id) {
    return database().write([&](Session& session) {
      return deleteGroup(
          session, domain(), id, [](const StoredResource&) -> Result<void> { return {}; }, 9,
          audit());
    });
  }

  /// Rows of a table as `name>name`, sorted.
  Names pairs(const std::string& table, const std::string& from, const std::string& to) {
    return rows("SELECT CONCAT(f.display_name, '>', t.display_name) FROM {domain}." + table +
                " p LEFT JOIN {domain}.user_groups f ON f.seq = p." + from +
                " LEFT JOIN {domain}.user_groups t ON t.seq = p." + to + " ORDER BY 1");
  }
  Names edges() { return pairs("group_nesting", "group_seq", "member_seq"); }
  Names ancestors() { return pairs("group_ancestors", "ancestor_seq", "descendant_seq"); }

  /// Group a_1 in a_2 in … in a_count.
  std::vector<ResourceId> chain(int count) {
    std::vector<ResourceId> groups;
    for (int i = 1; i <= count; ++i) {
      std::vector<ResourceId> members;
      if (!groups.empty()) members.push_back(groups.back());
      groups.push_back(addGroup("a" + std::to_string(i), members));
    }
    return groups;
  }

  /// `name:direct` or `name:indirect`, in the order in which the user shows them.
  static Names shown(const std::vector<scim::GroupMembership>& groups) {
    Names names;
    for (const auto& group : groups) {
      names.push_back(group.display + (group.direct ? ":direct" : ":indirect"));
    }
    return names;
  }
  /// The user's groups, read in every way there is; they have to be the same.
  Names groupsOf(const ResourceId& user) {
    auto by_id = read([&](Session& session) { return findUser(session, domain(), user, true); });
    auto names = shown(by_id->groups);
    std::sort(names.begin(), names.end());
    const auto same = [&](const std::vector<scim::GroupMembership>& groups) {
      auto others = shown(groups);
      std::sort(others.begin(), others.end());
      EXPECT_EQ(others, names);
    };
    const auto name =
        row("SELECT user_name_fold FROM {domain}.users WHERE id = UNHEX('" + hex(user) + "')");
    same(read([&](Session& session) { return findUsersByName(session, domain(), name, true); })
             .front()
             .groups);
    same(write([&](Session& session) -> Result<std::vector<scim::GroupMembership>> {
      auto locked = lockUser(session, domain(), user, true);
      rollback(session);
      if (!locked) return propagate(locked);
      return (*locked)->user.groups;
    }));
    return names;
  }
  static std::string hex(const ResourceId& id) {
    auto text = id.text();
    std::erase(text, '-');
    return text;
  }

  void expectRefused(const Result<std::optional<GroupChange>>& done, ErrorKind kind,
                     const std::string& part) {
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, kind);
    EXPECT_EQ(done.error().attribute, "members");
    EXPECT_NE(done.error().detail.find(part), std::string::npos) << done.error().detail;
  }
};

TEST_F(GroupNestingTest, MembersOfBothKindsComeAndGo) {
  const auto bob = addUser("bob");
  const auto inner = addGroup("inner");
  const auto other = addGroup("other");
  const auto outer = addGroup("outer", {bob, inner});
  EXPECT_EQ(memberNames(outer), (Names{"bob", "inner"}));
  EXPECT_EQ(edges(), Names{"outer>inner"});
  EXPECT_FALSE(add(outer, {inner, bob}));
  EXPECT_TRUE(add(outer, {inner, other}));
  EXPECT_EQ(memberNames(outer), (Names{"bob", "inner", "other"}));
  EXPECT_TRUE(remove(outer, {inner, bob}));
  EXPECT_FALSE(remove(outer, {inner, bob}));
  EXPECT_EQ(memberNames(outer), Names{"other"});
  EXPECT_TRUE(change(outer, {{bob, inner}, {other}, false}));
  EXPECT_EQ(memberNames(outer), (Names{"bob", "inner"}));
  EXPECT_FALSE(replace(outer, {bob, inner}));
  EXPECT_TRUE(replace(outer, {other}));
  EXPECT_EQ(memberNames(outer), Names{"other"});
  EXPECT_EQ(ancestors(), Names{"outer>other"});
  EXPECT_TRUE(replace(outer, {}));
  EXPECT_EQ(memberNames(outer), Names{});
  EXPECT_EQ(ancestors(), Names{});
  EXPECT_EQ(groupVersion(inner), 1U) << "being a member changes nothing of a group";
}

TEST_F(GroupNestingTest, ADiamondIsOneAncestorUntilItsLastWayGoes) {
  const auto bottom = addGroup("bottom");
  const auto left = addGroup("left", {bottom});
  const auto right = addGroup("right", {bottom});
  const auto top = addGroup("top", {left, right});
  EXPECT_EQ(ancestors(),
            (Names{"left>bottom", "right>bottom", "top>bottom", "top>left", "top>right"}));
  remove(top, {left});
  EXPECT_EQ(ancestors(), (Names{"left>bottom", "right>bottom", "top>bottom", "top>right"}));
  remove(right, {bottom});
  EXPECT_EQ(ancestors(), (Names{"left>bottom", "top>right"}));
}

TEST_F(GroupNestingTest, F45_ACircleIsRefusedAndNothingOfTheChangeStays) {
  const auto bob = addUser("bob");
  const auto groups = chain(4);
  const auto before = ancestors();
  for (const auto& member : {groups[3], groups[2], groups[1], groups[0]}) {
    for (const bool replace_all : {false, true}) {
      const auto refused = tryChange(groups[0], {{bob, member}, {}, replace_all});
      expectRefused(refused, ErrorKind::kInvalidValue, "cannot contain itself");
    }
  }
  EXPECT_EQ(ancestors(), before);
  EXPECT_EQ(memberNames(groups[0]), Names{});
  EXPECT_EQ(groupVersion(groups[0]), 1U);
  // The other way round it is none.
  EXPECT_TRUE(add(groups[3], {groups[0]}));
}

TEST_F(GroupNestingTest, MoreLevelsThanTheLimitAreRefused) {
  const auto groups = chain(static_cast<int>(kMostLevels));
  const auto lone = addGroup("lone");
  const auto made = groupOf("above all");
  const auto refused = database().write([&](Session& session) {
    return insertGroup(session, domain(), scim::test::teamGroupType(), made.meta, made.write,
                       {groups.back()}, audit());
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidValue);
  EXPECT_NE(refused.error().detail.find("33 levels"), std::string::npos) << refused.error().detail;
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.user_groups"), "33");
  expectRefused(tryChange(lone, {{groups.back()}, {}, false}), ErrorKind::kInvalidValue,
                "33 levels");
  expectRefused(tryChange(groups.front(), {{lone}, {}, false}), ErrorKind::kInvalidValue,
                "33 levels");
  // The longest way counts, from the top through the new member to the bottom.
  EXPECT_TRUE(add(groups[1], {lone}));
  EXPECT_TRUE(remove(groups[15], {groups[14]}));
  EXPECT_TRUE(add(lone, {addGroup("bottom")}));
  EXPECT_TRUE(add(groups[16], {groups[14]})) << "a shorter way round";
}

TEST_F(GroupNestingTest, WorkWithoutBoundIsRefused) {
  // 500 groups above, 499 below and the group itself: 250,000 pairs go, one more is too many.
  makeNumbers(999);
  run(
      {"INSERT INTO {domain}.user_groups (seq, id, display_name, display_name_key, version, "
       "created, modified, document) SELECT 1000000 + n, UNHEX(LEFT(SHA2(CONCAT('many', n), 256), "
       "32)), n, n, 1, "
       "0, 0, '{}' FROM {domain}.numbers"});
  const auto below = addGroup("below");
  const auto above = addGroup("above");
  const auto number = [&](const ResourceId& id) { return std::to_string(groupNumber(id)); };
  for (const char* table : {"group_nesting (group_seq, member_seq)",
                            "group_ancestors (ancestor_seq, descendant_seq)"}) {
    run({std::string("INSERT INTO {domain}.") + table + " SELECT 1000000 + n, " + number(above) +
             " FROM {domain}.numbers WHERE n < 500",
         std::string("INSERT INTO {domain}.") + table + " SELECT " + number(below) +
             ", 1000000 + n FROM {domain}.numbers WHERE n >= 500"});
  }
  run({"DROP TABLE {domain}.numbers"});
  expectRefused(tryChange(above, {{below}, {}, false}), ErrorKind::kTooMany, "too many groups");
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.group_ancestors"), "999");
  // One fewer is done, and undone.
  valueOf(tryErase(*ResourceId::fromBytes([&] {
    std::string bytes;
    const auto text = row("SELECT HEX(id) FROM {domain}.user_groups WHERE seq = 1000999");
    for (std::size_t i = 0; i < text.size(); i += 2) {
      bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
    }
    return bytes;
  }())));
  EXPECT_TRUE(add(above, {below}));
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.group_ancestors"), "250998");
  EXPECT_TRUE(remove(above, {below}));
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.group_ancestors"), "998");
}

TEST_F(GroupNestingTest, ADeletedGroupLeavesOthersConnectedAsTheyAreWithoutIt) {
  const auto bottom = addGroup("bottom");
  const auto middle = addGroup("middle", {bottom});
  const auto aside = addGroup("aside", {bottom});
  const auto top = addGroup("top", {middle, aside});
  const auto above = addGroup("above", {top, middle});
  EXPECT_TRUE(valueOf(tryErase(middle)));
  EXPECT_FALSE(valueOf(tryErase(middle)));
  EXPECT_EQ(edges(), (Names{"above>top", "aside>bottom", "top>aside"}));
  EXPECT_EQ(ancestors(), (Names{"above>aside", "above>bottom", "above>top", "aside>bottom",
                                "top>aside", "top>bottom"}));
  EXPECT_EQ(groupVersion(top), 2U) << "it lost a member";
  EXPECT_EQ(groupVersion(above), 2U);
  EXPECT_EQ(groupVersion(bottom), 1U);
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.user_groups WHERE modified = 9"), "0")
      << "a time does not go back";
  for (const auto& id : {bottom, top, aside, above}) valueOf(tryErase(id));
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.group_ancestors"), "0");
}

TEST_F(GroupNestingTest, AUserShowsEachGroupOnceAndDirectBeforeIndirect) {
  const auto bob = addUser("bob");
  const auto amy = addUser("amy");
  const auto inner = addGroup("inner", {bob});
  const auto both = addGroup("both", {bob, inner});
  const auto outer = addGroup("outer", {inner, both});
  addGroup("apart", {amy});
  EXPECT_EQ(groupsOf(bob), (Names{"both:direct", "inner:direct", "outer:indirect"}));
  EXPECT_EQ(groupsOf(amy), Names{"apart:direct"});
  const auto user = read([&](Session& session) { return findUser(session, domain(), bob, true); });
  EXPECT_EQ(shown(user->groups).back(), "outer:indirect");
  // More rows than one look-up reads, of groups and of those that contain them.
  for (int i = 10; i < 22; ++i) addGroup("many" + std::to_string(i), {inner});
  Names expected{"both:direct", "inner:direct"};
  for (int i = 10; i < 22; ++i) expected.push_back("many" + std::to_string(i) + ":indirect");
  expected.push_back("outer:indirect");
  EXPECT_EQ(groupsOf(bob), expected);
  for (int i = 10; i < 22; ++i) addGroup("some" + std::to_string(i), {amy});
  EXPECT_EQ(groupsOf(amy).size(), 13U);
  remove(outer, {inner});
  remove(both, {inner});
  EXPECT_EQ(groupsOf(bob).size(), 2U + 12U + 1U) << "outer contains both";
}

TEST_F(GroupNestingTest, ALinkedUserShowsIndirectGroupsToo) {
  const auto user = userOf(R"({"userName":"bob"})");
  const auto inner = addGroup("inner");
  addGroup("outer", {inner});
  FederatedIdentity identity;
  identity.identity_provider = 3;
  identity.subject = Subject("s");
  identity.user = user.meta.id;
  identity.claims_digest = std::string(32, 'd');
  identity.user_version = Version(1);
  write([&](Session& session) {
    return insertProvisionedUser(session, control(), domain(), user.meta, user.write, identity,
                                 {groupNumber(inner)});
  });
  const auto find = [&] {
    const auto linked = read([&](Session& session) {
      return findLinkedUser(session, control(), domain(), 3, Subject("s"));
    });
    auto names = shown(linked->user->groups);
    std::sort(names.begin(), names.end());
    return names;
  };
  EXPECT_EQ(find(), (Names{"inner:direct", "outer:indirect"}));
  for (int i = 0; i < 12; ++i) addGroup("more" + std::to_string(i), {inner});
  EXPECT_EQ(find().size(), 14U);
  const auto named = read([&](Session& session) {
    return findGroupsByName(session, domain(), {"inner", "outer"});
  });
  for (const auto& group : named.groups) EXPECT_EQ(group.nested, group.display_name == "inner");
}

/// What the tables must say, worked out from a list of edges.
class Model {
 public:
  explicit Model(int groups) : members_(static_cast<std::size_t>(groups)) {}
  std::vector<std::set<int>>& members() { return members_; }
  std::set<int> below(int group) const {
    std::set<int> all;
    std::vector<int> next(members_[static_cast<std::size_t>(group)].begin(),
                          members_[static_cast<std::size_t>(group)].end());
    while (!next.empty()) {
      const int one = next.back();
      next.pop_back();
      if (!all.insert(one).second) continue;
      const auto& more = members_[static_cast<std::size_t>(one)];
      next.insert(next.end(), more.begin(), more.end());
    }
    return all;
  }

 private:
  std::vector<std::set<int>> members_;
};

TEST_F(GroupNestingTest, AfterManyChangesTheAncestorsAreThoseOfTheEdges) {
  constexpr int kGroups = 14;
  std::mt19937 random(20261124);
  std::vector<ResourceId> ids;
  const auto name = [](int i) { return "g" + std::to_string(10 + i); };
  for (int i = 0; i < kGroups; ++i) ids.push_back(addGroup(name(i)));
  Model model(kGroups);
  int refused = 0;
  int changed = 0;
  for (int step = 0; step < 250; ++step) {
    SCOPED_TRACE(step);
    const int group = static_cast<int>(random() % kGroups);
    auto& members = model.members()[static_cast<std::size_t>(group)];
    const auto before = members;
    MembershipChange change;
    std::set<int> add;
    std::set<int> remove;
    for (std::size_t i = random() % 4; i > 0; --i) add.insert(static_cast<int>(random() % kGroups));
    change.replace_all = random() % 5 == 0;
    if (!change.replace_all) {
      for (std::size_t i = random() % 3; i > 0; --i) {
        const int one = static_cast<int>(random() % kGroups);
        if (!add.contains(one)) remove.insert(one);
      }
    }
    if (change.replace_all) members.clear();
    for (const int one : remove) members.erase(one);
    members.insert(add.begin(), add.end());
    for (const int one : add) change.add.push_back(ids[static_cast<std::size_t>(one)]);
    for (const int one : remove) change.remove.push_back(ids[static_cast<std::size_t>(one)]);
    const bool circle = model.below(group).contains(group);
    const auto done = tryChange(ids[static_cast<std::size_t>(group)], change);
    ASSERT_EQ(done.has_value(), !circle);
    if (circle) {
      members = before;
      ++refused;
    } else {
      EXPECT_EQ((*done)->changed, members != before);
      changed += members != before ? 1 : 0;
    }
    Names expected;
    for (int i = 0; i < kGroups; ++i) {
      for (const int one : model.below(i)) expected.push_back(name(i) + ">" + name(one));
    }
    ASSERT_EQ(ancestors(), expected);
  }
  EXPECT_GT(refused, 10);
  EXPECT_GT(changed, 50);
}

TEST_F(GroupNestingTest, OfTwoWhoCloseACircleFromBothEndsOneWins) {
  for (int round = 0; round < 10; ++round) {
    const auto left = addGroup("left" + std::to_string(round));
    const auto right = addGroup("right" + std::to_string(round));
    std::atomic<int> won{0};
    inParallel(2, [&](int thread) {
      const auto done = thread == 0 ? tryChange(left, {{right}, {}, false})
                                    : tryChange(right, {{left}, {}, false});
      if (done) {
        ++won;
      } else {
        EXPECT_EQ(done.error().kind, ErrorKind::kInvalidValue) << done.error().internal;
      }
    });
    EXPECT_EQ(won, 1);
  }
  EXPECT_EQ(edges().size(), 10U);
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.group_ancestors"), "10");
}

TEST_F(GroupNestingTest, EightWritersOfUsersAndGroupsLoseNothing) {
  constexpr int kThreads = 8;
  constexpr int kEach = 8;
  const auto group = addGroup("all");
  std::vector<std::vector<ResourceId>> mine(kThreads);
  Names expected;
  for (int thread = 0; thread < kThreads; ++thread) {
    for (int i = 0; i < kEach; ++i) {
      const auto name = "m" + std::to_string(thread) + std::to_string(i);
      mine[static_cast<std::size_t>(thread)].push_back(i % 2 == 0 ? addUser(name) : addGroup(name));
      expected.push_back(name);
    }
  }
  inParallel(kThreads, [&](int thread) {
    for (const auto& member : mine[static_cast<std::size_t>(thread)]) {
      const auto done = tryChange(group, {{member}, {}, false});
      ASSERT_TRUE(done && *done) << done.error().internal;
      EXPECT_TRUE((*done)->changed);
    }
  });
  auto members = memberNames(group);
  std::sort(members.begin(), members.end());
  EXPECT_EQ(members, expected);
  EXPECT_EQ(groupVersion(group), 1U + kThreads * kEach);
  EXPECT_EQ(ancestors().size(), static_cast<std::size_t>(kThreads * kEach / 2));
}

TEST_F(GroupNestingTest, ChangesOfUsersDoNotWaitForTheTurn) {
  const auto inner = addGroup("inner");
  const auto outer = addGroup("outer", {inner});
  const auto bob = addUser("bob");
  write([&](Session& holder) -> Result<void> {
    StatementBatch batch;
    batch.begin();
    batch.add("UPDATE " + domain().schema + ".nesting_turn SET turns = turns + 1 WHERE one = 1");
    if (auto ran = batch.run(holder); !ran) return propagate(ran);
    // These would wait for each other for ever: the turn is given back behind them.
    EXPECT_TRUE(add(outer, {bob}));
    EXPECT_TRUE(remove(outer, {bob}));
    EXPECT_TRUE(replace(inner, {bob})) << "a group in others is changed freely";
    EXPECT_TRUE(valueOf(tryErase(addGroup("alone", {bob}))));
    rollback(holder);
    return {};
  });
}

TEST_F(GroupNestingTest, GroupsCanBeDeletedAndLoggedInToWhileTheyAreNested) {
  constexpr int kGroups = 12;
  std::vector<ResourceId> ids;
  std::vector<std::uint64_t> numbers;
  for (int i = 0; i < kGroups; ++i) {
    ids.push_back(addGroup("g" + std::to_string(i)));
    numbers.push_back(groupNumber(ids.back()));
  }
  std::atomic<int> deadlocks{0};
  const auto count = [&](Session& session) {
    if (session.failure() == Failure::kDeadlock) ++deadlocks;
  };
  std::atomic<int> made{0};
  inParallel(8, [&](int thread) {
    std::mt19937 random(static_cast<unsigned>(thread));
    for (int i = 0; i < 25; ++i) {
      const auto& group = ids[random() % kGroups];
      if (thread < 2) {
        auto user = userOf(R"({"userName":"u)" + std::to_string(++made) + R"("})");
        FederatedIdentity identity;
        identity.identity_provider = 3;
        identity.subject = Subject(user.meta.id.text());
        identity.user = user.meta.id;
        identity.claims_digest = std::string(32, 'd');
        identity.user_version = Version(1);
        std::vector<std::uint64_t> granted;
        for (int k = 0; k < 3; ++k) granted.push_back(numbers[random() % kGroups]);
        std::sort(granted.begin(), granted.end());
        granted.erase(std::unique(granted.begin(), granted.end()), granted.end());
        auto done = database().write([&](Session& session) {
          auto tried = insertProvisionedUser(session, control(), domain(), user.meta, user.write,
                                             identity, granted);
          if (!tried) count(session);
          return tried;
        });
        EXPECT_TRUE(done) << done.error().internal;
      } else if (thread == 2 && i % 8 == 7) {
        EXPECT_TRUE(tryErase(group));
      } else {
        MembershipChange change;
        for (int k = 0; k < 3; ++k) {
          const auto& member = ids[random() % kGroups];
          if (std::find(change.add.begin(), change.add.end(), member) == change.add.end() &&
              std::find(change.remove.begin(), change.remove.end(), member) ==
                  change.remove.end()) {
            (random() % 2 == 0 ? change.add : change.remove).push_back(member);
          }
        }
        auto done = database().write([&](Session& session) {
          auto tried = changeGroup(session, domain(), scim::test::teamGroupType(), group, kKeep,
                                   change, 1, audit());
          if (!tried) count(session);
          return tried;
        });
        EXPECT_TRUE(done || done.error().kind == ErrorKind::kInvalidValue) << done.error().internal;
      }
    }
  });
  EXPECT_EQ(deadlocks, 0);
  // What is stored is what follows from the edges, and no group is in itself.
  EXPECT_EQ(ancestors(),
            rows("WITH RECURSIVE up (d, a) AS (SELECT member_seq, group_seq FROM "
                 "{domain}.group_nesting UNION SELECT up.d, n.group_seq FROM up JOIN "
                 "{domain}.group_nesting n ON n.member_seq = up.a) SELECT CONCAT(f.display_name, "
                 "'>', t.display_name) FROM up JOIN {domain}.user_groups f ON f.seq = up.a JOIN "
                 "{domain}.user_groups t ON t.seq = up.d ORDER BY 1"));
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.group_ancestors WHERE descendant_seq = "
                "ancestor_seq"),
            "0");
}

}  // namespace
}  // namespace vestibule::store::test
