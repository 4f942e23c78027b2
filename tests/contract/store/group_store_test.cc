#include "store/group_store.h"

#include <atomic>
#include <random>
#include <set>

#include "base/unicode.h"
#include "contract/store/store_fixture.h"
#include "store/federated_identity_store.h"
#include "support/team_schemas.h"

namespace vestibule::store::test {
namespace {

const GroupEdit kKeep = [](const StoredResource&) -> Result<std::optional<GroupWrite>> {
  return std::optional<GroupWrite>();
};

class GroupStoreTest : public StoreTest {
 protected:
  Result<std::optional<GroupChange>> change(const ResourceId& id, const MembershipChange& members,
                                            const GroupEdit& edit = kKeep, Timestamp now = 5) {
    return database().write([&](Session& session) {
      return changeGroup(session, domain(), scim::test::teamGroupType(), id, edit, members, now,
                         audit());
    });
  }
  /// Whether the change changed anything.
  bool changed(const ResourceId& id, const MembershipChange& members) {
    auto done = valueOf(change(id, members));
    EXPECT_TRUE(done);
    EXPECT_EQ(done->meta.version.value(), groupVersion(id));
    return done->changed;
  }

  static MembershipChange adding(std::vector<ResourceId> ids) {
    return {std::move(ids), {}, false};
  }
  static MembershipChange removing(std::vector<ResourceId> ids) {
    return {{}, std::move(ids), false};
  }
  static MembershipChange replacing(std::vector<ResourceId> ids) {
    return {std::move(ids), {}, true};
  }

  /// Users u0 … in rows that follow each other, stored in few statements.
  std::vector<ResourceId> addUsers(int count) {
    std::vector<ResourceId> ids;
    write([&](Session& session) -> Result<void> {
      for (int from = 0; from < count; from += 500) {
        std::string text = "INSERT INTO " + domain().schema +
                           ".users (id, user_name_fold, user_name_case, version, created, "
                           "modified, document) VALUES ";
        std::vector<std::string> documents;
        std::vector<Parameter> parameters;
        for (int i = from; i < std::min(count, from + 500); ++i) {
          ids.push_back(ResourceId::generate(domain().number, ResourceKind::kUser));
          documents.push_back(R"({"schemas":[],"userName":"u)" + std::to_string(i) + "\"}");
        }
        for (std::size_t i = 0; i < documents.size(); ++i) {
          text += i > 0 ? ",(?, ?, '', 1, 0, 0, ?)" : "(?, ?, '', 1, 0, 0, ?)";
          parameters.emplace_back(Blob{ids[static_cast<std::size_t>(from) + i].bytes()});
          parameters.emplace_back(Blob{documents[i]});
          parameters.emplace_back(std::string_view(documents[i]));
        }
        StatementBatch batch;
        batch.add(text, parameters);
        auto ran = batch.run(session);
        if (!ran) return propagate(ran);
      }
      return {};
    });
    return ids;
  }

  /// Makes a membership one that the identity provider 3 grants, and not SCIM.
  void grantByProvider(const ResourceId& group, const ResourceId& user) {
    write([&](Session& session) -> Result<void> {
      const std::string schema = domain().schema;
      const std::string select =
          " FROM " + schema + ".user_groups g, " + schema + ".users u WHERE g.id = ? AND u.id = ?";
      StatementBatch batch;
      batch.begin();
      batch.add("INSERT INTO " + schema + ".memberships SELECT g.seq, u.seq, 0" + select,
                {Blob{group.bytes()}, Blob{user.bytes()}});
      batch.add("INSERT INTO " + schema + ".idp_grants SELECT u.seq, 3, g.seq" + select,
                {Blob{group.bytes()}, Blob{user.bytes()}});
      batch.commit();
      auto ran = batch.run(session);
      if (!ran) return propagate(ran);
      return {};
    });
  }

  std::string memberCount() { return row("SELECT COUNT(*) FROM {domain}.memberships"); }
};

TEST_F(GroupStoreTest, AGroupComesBackAsItWasStored) {
  const auto group = groupOf("Grüppe 'x'", R"({"externalId":"e-1"})");
  write([&](Session& session) {
    return insertGroup(session, domain(), scim::test::teamGroupType(), group.meta, group.write, {},
                       audit());
  });
  const auto found =
      read([&](Session& session) { return findGroup(session, domain(), group.meta.id); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->document, group.write.document);
  EXPECT_EQ(found->meta.id, group.meta.id);
  EXPECT_EQ(found->meta.version, Version(1));
  EXPECT_EQ(found->meta.created, group.meta.created);
  EXPECT_EQ(row("SELECT external_id_key FROM {domain}.user_groups"), "e-1");
  const auto other = ResourceId::generate(domain().number, ResourceKind::kGroup);
  EXPECT_FALSE(read([&](Session& session) { return findGroup(session, domain(), other); }));
}

TEST_F(GroupStoreTest, NamesOfGroupsAreUniqueByFold) {
  addGroup("Staff");
  const auto again = groupOf("STAFF");
  auto refused = database().write([&](Session& session) {
    return insertGroup(session, domain(), scim::test::teamGroupType(), again.meta, again.write, {},
                       audit());
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUniqueness);
  EXPECT_EQ(refused.error().attribute, "displayName");

  const auto member = addUser("bob");
  refused = database().write([&](Session& session) {
    return insertGroup(session, domain(), scim::test::teamGroupType(), again.meta, again.write,
                       {member}, audit());
  });
  EXPECT_EQ(refused.error().attribute, "displayName");
  EXPECT_EQ(memberCount(), "0");
}

TEST_F(GroupStoreTest, GroupsAreFoundByFoldedName) {
  addGroup("Staff");
  addGroup("Other");
  std::vector<std::string> keys{"staff", "nobody"};
  for (int i = 0; i < 700; ++i) keys.emplace_back("none" + std::to_string(i));
  keys.emplace_back("other");
  const auto find = [&](const std::vector<std::string>& names) {
    return read([&](Session& session) { return findGroupsByName(session, domain(), names); })
        .groups;
  };
  const auto found = find(keys);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].display_name, "Staff");
  EXPECT_EQ(found[0].display_name_key, "staff");
  EXPECT_EQ(found[0].seq, groupNumber(found[0].id));
  EXPECT_EQ(found[1].display_name, "Other");
  EXPECT_TRUE(find({}).empty());
}

TEST_F(GroupStoreTest, OnlyANewNameRaisesTheRevisionOfNames) {
  const auto bob = addUser("bob");
  const auto revision = [&] {
    return read([&](Session& session) { return findGroupsByName(session, domain(), {"x"}); })
        .revision;
  };
  const auto start = revision();
  EXPECT_GT(start, 0U);
  addGroup("plain");
  const auto id = addGroup("with members", {bob});
  EXPECT_EQ(revision(), start + 2);
  const auto again = groupOf("PLAIN");
  EXPECT_FALSE(database().write([&](Session& session) {
    return insertGroup(session, domain(), scim::test::teamGroupType(), again.meta, again.write, {},
                       audit());
  }));
  changed(id, removing({bob}));
  changed(id, adding({bob}));
  EXPECT_EQ(revision(), start + 2);
  const auto renamed = groupOf("renamed").write;
  valueOf(change(id, {}, [&](const StoredResource&) -> Result<std::optional<GroupWrite>> {
    return std::optional<GroupWrite>(renamed);
  }));
  EXPECT_EQ(revision(), start + 3);
}

TEST_F(GroupStoreTest, MembersAreListedInPieces) {
  const auto users = addUsers(25);
  std::vector<ResourceId> groups;
  for (int i = 0; i < 25; ++i) groups.push_back(addGroup("in" + std::to_string(i)));
  struct Case {
    std::size_t users;
    std::size_t groups;
    int full_pages;
  };
  for (const Case& one : {Case{25, 0, 2}, Case{0, 25, 2}, Case{25, 25, 5}, Case{10, 3, 1},
                          Case{20, 20, 4}, Case{3, 4, 0}, Case{0, 0, 0}}) {
    const auto name = std::to_string(one.users) + " and " + std::to_string(one.groups);
    SCOPED_TRACE(name);
    std::vector<ResourceId> members(users.begin(),
                                    users.begin() + static_cast<std::ptrdiff_t>(one.users));
    members.insert(members.end(), groups.begin(),
                   groups.begin() + static_cast<std::ptrdiff_t>(one.groups));
    const auto group = addGroup(name, members);
    std::vector<ResourceId> seen;
    MemberPlace after;
    int pages = 0;
    for (;; ++pages) {
      const auto page =
          read([&](Session& session) { return listMembers(session, domain(), group, after, 10); });
      for (const auto& member : page.members) seen.push_back(member.id);
      if (page.members.size() < 10) break;
      after = page.last;
    }
    EXPECT_EQ(pages, one.full_pages);
    EXPECT_EQ(seen, members) << "users, then groups, each in the order of creation";
  }
}

TEST_F(GroupStoreTest, NamesOfMembersAreShownAsWritten) {
  const auto user = userOf(R"({"userName":"O'Neil \"x\" Ünal"})");
  const auto id = addUser(user);
  EXPECT_EQ(memberNames(addGroup("g", {id})), (std::vector<std::string>{"O'Neil \"x\" Ünal"}));
}

TEST_F(GroupStoreTest, LongNamesOfMembersAreShownInFull) {
  auto user = userOf(R"({"userName":"x"})");
  const std::string name(900, 'n');
  user.write.keys.user_name_fold = name;
  user.write.document = R"({"schemas":[],"userName":")" + name + "\"}";
  EXPECT_EQ(memberNames(addGroup("g", {addUser(user)})), (std::vector<std::string>{name}));
}

TEST_F(GroupStoreTest, OnlyUsersAndGroupsOfTheDomainCanBeMembers) {
  const auto bob = addUser("bob");
  const auto group = addGroup("g");
  struct Case {
    const char* what = nullptr;
    ResourceId id;
    const char* detail = nullptr;
  };
  const Case cases[] = {
      {"unknown", ResourceId::generate(domain().number, ResourceKind::kUser),
       "a member is neither a user nor a group of this domain"},
      {"other domain", ResourceId::generate(DomainNumber(8), ResourceKind::kUser),
       "a member is neither a user nor a group of this domain"},
      {"unknown group", ResourceId::generate(domain().number, ResourceKind::kGroup),
       "a member is neither a user nor a group of this domain"},
      {"group of another domain", ResourceId::generate(DomainNumber(8), ResourceKind::kGroup),
       "a member is neither a user nor a group of this domain"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.what);
    for (const auto& members : {adding({bob, one.id}), replacing({bob, one.id})}) {
      const auto refused = change(group, members);
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidValue);
      EXPECT_EQ(refused.error().attribute, "members");
      EXPECT_EQ(refused.error().detail, one.detail);
    }
    const auto made = groupOf(one.what);
    const auto refused = database().write([&](Session& session) {
      return insertGroup(session, domain(), scim::test::teamGroupType(), made.meta, made.write,
                         {bob, one.id}, audit());
    });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().detail, one.detail);
    // Removing what cannot be a member is no error.
    EXPECT_FALSE(changed(group, removing({one.id})));
  }
  EXPECT_EQ(memberCount(), "0");
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.user_groups"), "1");
  EXPECT_EQ(groupVersion(group), 1U);
}

TEST_F(GroupStoreTest, L5_OnlyWhatDiffersRaisesTheVersion) {
  const auto users = addUsers(3);
  const auto group = addGroup("g");
  EXPECT_TRUE(changed(group, adding({users[0]})));
  EXPECT_FALSE(changed(group, adding({users[0]})));
  EXPECT_TRUE(changed(group, adding({users[0], users[1]})));
  EXPECT_EQ(groupVersion(group), 3U);
  EXPECT_FALSE(changed(group, removing({users[2]})));
  EXPECT_TRUE(changed(group, removing({users[0], users[2]})));
  EXPECT_EQ(memberNames(group), (std::vector<std::string>{"u1"}));
  EXPECT_TRUE(changed(group, {{users[2]}, {users[1]}, false}));
  EXPECT_FALSE(changed(group, {{users[2]}, {users[1]}, false}));
  EXPECT_EQ(memberNames(group), (std::vector<std::string>{"u2"}));
  EXPECT_FALSE(changed(group, replacing({users[2]})));
  EXPECT_TRUE(changed(group, replacing({users[0], users[1]})));
  EXPECT_EQ(memberNames(group), (std::vector<std::string>{"u0", "u1"}));
  EXPECT_TRUE(changed(group, replacing({})));
  EXPECT_FALSE(changed(group, replacing({})));
  EXPECT_EQ(groupVersion(group), 7U);
}

TEST_F(GroupStoreTest, ModifiedIsTheTimeOfTheChangeAndNeverGoesBack) {
  const auto bob = addUser("bob");
  const auto group = addGroup("g");
  const auto later = valueOf(change(group, adding({bob}), kKeep, 1'900'000'000'000'000));
  EXPECT_EQ(later->meta.modified, 1'900'000'000'000'000);
  const auto earlier = valueOf(change(group, removing({bob}), kKeep, 7));
  EXPECT_EQ(earlier->meta.modified, 1'900'000'000'000'000);
  EXPECT_EQ(row("SELECT modified, version FROM {domain}.user_groups"), "1900000000000000|3");
}

TEST_F(GroupStoreTest, AnEditAndMembersAreOneChange) {
  const auto bob = addUser("bob");
  const auto group = addGroup("before");
  const auto after = groupOf("After", R"({"externalId":"x"})");
  const auto edit = [&](const StoredResource& stored) -> Result<std::optional<GroupWrite>> {
    EXPECT_NE(stored.document.find("before"), std::string::npos);
    return std::optional<GroupWrite>(after.write);
  };
  const auto done = valueOf(change(group, adding({bob}), edit));
  EXPECT_TRUE(done->changed);
  EXPECT_EQ(row("SELECT display_name, display_name_key, external_id_key, version FROM "
                "{domain}.user_groups"),
            "After|after|x|2");
  EXPECT_EQ(memberNames(group), (std::vector<std::string>{"bob"}));
  const auto found = read([&](Session& session) { return findGroup(session, domain(), group); });
  EXPECT_EQ(found->document, after.write.document);

  // The same document again is no change.
  const auto same = [&](const StoredResource&) -> Result<std::optional<GroupWrite>> {
    return std::optional<GroupWrite>(after.write);
  };
  EXPECT_FALSE(valueOf(change(group, adding({bob}), same))->changed);
  EXPECT_EQ(groupVersion(group), 2U);
}

TEST_F(GroupStoreTest, ARefusedEditChangesNothing) {
  const auto bob = addUser("bob");
  addGroup("taken");
  const auto group = addGroup("g");
  const auto refuse = [](const StoredResource&) -> Result<std::optional<GroupWrite>> {
    return failure(ErrorKind::kVersionMismatch, "no");
  };
  EXPECT_EQ(change(group, adding({bob}), refuse).error().kind, ErrorKind::kVersionMismatch);
  const auto take = [&](const StoredResource&) -> Result<std::optional<GroupWrite>> {
    return std::optional<GroupWrite>(groupOf("TAKEN").write);
  };
  const auto taken = change(group, adding({bob}), take);
  EXPECT_EQ(taken.error().kind, ErrorKind::kUniqueness);
  EXPECT_EQ(taken.error().attribute, "displayName");
  const auto too_long = [&](const StoredResource&) -> Result<std::optional<GroupWrite>> {
    auto write = groupOf("x").write;
    write.keys.display_name.assign(256, 'x');
    return std::optional<GroupWrite>(write);
  };
  EXPECT_EQ(change(group, adding({bob}), too_long).error().kind, ErrorKind::kInvalidValue);
  EXPECT_EQ(memberCount(), "0");
  EXPECT_EQ(groupVersion(group), 1U);
  // Nothing holds the group any longer.
  EXPECT_TRUE(changed(group, adding({bob})));
}

TEST_F(GroupStoreTest, AGroupThatIsNotThereCannotBeChanged) {
  const auto bob = addUser("bob");
  const auto nobody = ResourceId::generate(domain().number, ResourceKind::kGroup);
  EXPECT_FALSE(valueOf(change(nobody, adding({bob}))));
  read([&](Session& session) -> Result<void> {
    EXPECT_FALSE(session.inTransaction());
    return {};
  });
}

TEST_F(GroupStoreTest, ScimTakesOverWhatAnIdentityProviderGranted) {
  const auto users = addUsers(3);
  const auto group = addGroup("g");
  grantByProvider(group, users[0]);
  grantByProvider(group, users[1]);
  // The group looks the same, so its version stays; but the membership is SCIM's now, too.
  EXPECT_FALSE(changed(group, adding({users[0]})));
  EXPECT_EQ(rows("SELECT by_scim FROM {domain}.memberships ORDER BY user_seq"),
            (std::vector<std::string>{"1", "0"}));
  EXPECT_TRUE(changed(group, replacing({users[1], users[2]})));
  EXPECT_EQ(rows("SELECT by_scim FROM {domain}.memberships ORDER BY user_seq"),
            (std::vector<std::string>{"1", "1"}));
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.idp_grants"), "1");
  // What SCIM removes is gone whoever granted it.
  EXPECT_TRUE(changed(group, removing({users[1]})));
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.idp_grants"), "0");
  EXPECT_EQ(memberNames(group), (std::vector<std::string>{"u2"}));
}

TEST_F(GroupStoreTest, G7_LongListsAreReplacedInPieces) {
  constexpr int kUsers = 25'000;
  const auto users = addUsers(kUsers);
  const auto group = addGroup("g", users);
  EXPECT_EQ(memberCount(), "25000");
  EXPECT_FALSE(changed(group, replacing(users)));

  // Every third user goes, in a list that comes in any order.
  std::vector<ResourceId> kept;
  for (std::size_t i = 0; i < users.size(); ++i) {
    if (i % 3 != 0) kept.push_back(users[i]);
  }
  std::shuffle(kept.begin(), kept.end(), std::mt19937(1));
  EXPECT_TRUE(changed(group, replacing(kept)));
  EXPECT_EQ(memberCount(), std::to_string(kept.size()));
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.memberships m JOIN {domain}.users u ON u.seq = "
                "m.user_seq WHERE u.user_name_fold LIKE '%\"u3\"%'"),
            "0");

  // More than one statement deletes.
  EXPECT_TRUE(changed(group, replacing({users[0]})));
  EXPECT_EQ(memberNames(group), (std::vector<std::string>{"u0"}));
  EXPECT_TRUE(changed(group, {users, {}, false}));
  EXPECT_EQ(memberCount(), "25000");
  EXPECT_TRUE(changed(group, {{}, users, false}));
  EXPECT_EQ(memberCount(), "0");
  EXPECT_TRUE(changed(group, adding(users)));
  EXPECT_TRUE(changed(group, replacing({})));
  EXPECT_EQ(memberCount(), "0");
  EXPECT_EQ(groupVersion(group), 7U);
}

TEST_F(GroupStoreTest, ADeletedGroupLeavesNothing) {
  const auto users = addUsers(10'000);  // exactly as many as one statement deletes
  const auto group = addGroup("g", users);
  grantByProvider(group, addUser("granted"));
  const auto check = [](const StoredResource& stored) -> Result<void> {
    EXPECT_EQ(stored.meta.version, Version(1));
    return {};
  };
  const auto refuse = [](const StoredResource&) -> Result<void> {
    return failure(ErrorKind::kVersionMismatch, "no");
  };
  const auto remove = [&](const ResourceId& id, const auto& with) {
    return database().write(
        [&](Session& session) { return deleteGroup(session, domain(), id, with, 5, audit()); });
  };
  EXPECT_EQ(remove(group, refuse).error().kind, ErrorKind::kVersionMismatch);
  EXPECT_EQ(memberCount(), "10001");
  EXPECT_TRUE(valueOf(remove(group, check)));
  EXPECT_FALSE(valueOf(remove(group, check)));
  EXPECT_EQ(memberCount(), "0");
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.idp_grants"), "0");
}

TEST_F(GroupStoreTest, P4_AGuardedGroupKeepsItsMembersAndWhoGrantedThem) {
  const auto users = addUsers(3);
  const auto granted = addUser("granted");
  const auto inner = addGroup("inner", {users[0]});
  const auto group = addGroup("group", {users[0], users[1], inner});
  addGroup("outer", {group});
  const auto other = addGroup("other");
  grantByProvider(group, granted);
  using Names = std::vector<std::string>;
  Names asked;
  ErrorKind kind = ErrorKind::kForbidden;
  const MembershipGuard refuse = [&](const Names& names) -> Result<void> {
    asked = names;
    std::sort(asked.begin(), asked.end());
    return failure(kind, "no");
  };
  const auto guarded = [&](const ResourceId& id, const MembershipChange& members,
                           const GroupEdit& edit = kKeep) {
    return database().write([&](Session& session) {
      return changeGroup(session, domain(), scim::test::teamGroupType(), id, edit, members, 5,
                         audit(), refuse);
    });
  };
  const auto state = [&] {
    return rows(
        "SELECT g.display_name, g.version, m.user_seq, m.by_scim FROM {domain}.user_groups "
        "g LEFT JOIN {domain}.memberships m ON m.group_seq = g.seq ORDER BY 1, 3");
  };
  const auto before = state();

  const struct {
    const char* what;
    MembershipChange members;
  } changes[] = {
      {"a user joins", adding({users[2]})},
      {"one of two joins", adding({users[0], users[2]})},
      {"a user leaves", removing({users[1]})},
      {"one whom a provider granted leaves", removing({granted})},
      {"a group joins", adding({other})},
      {"a group leaves", removing({inner})},
      {"all leave", replacing({})},
      {"others come", replacing({users[2], inner})},
      {"only the group leaves", replacing({users[0], users[1], granted})},
  };
  for (const auto& c : changes) {
    SCOPED_TRACE(c.what);
    const auto refused = guarded(group, c.members);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::kForbidden);
    EXPECT_EQ(asked, (Names{"group", "outer"}));
    EXPECT_EQ(state(), before);
  }
  const std::vector<ResourceId> all{users[0], users[1], inner, granted};
  for (const auto& same : {adding(all), removing({users[2]}), replacing(all), adding({granted})}) {
    const auto done = valueOf(guarded(group, same));
    ASSERT_TRUE(done);
    EXPECT_FALSE(done->changed);
    EXPECT_EQ(state(), before) << "a grant has not become a member of SCIM";
  }
  const auto erased = database().write([&](Session& session) {
    return deleteGroup(
        session, domain(), inner, [](const StoredResource&) -> Result<void> { return {}; }, 5,
        audit(), refuse);
  });
  ASSERT_FALSE(erased);
  EXPECT_EQ(asked, (Names{"group", "inner", "outer"}));
  EXPECT_EQ(state(), before);

  // An edit beside members that stay.
  const auto write = groupOf("group", R"({"externalId":"e"})").write;
  const auto edited = guarded(group, adding(all), [&](const StoredResource&) {
    return Result<std::optional<GroupWrite>>(write);
  });
  EXPECT_TRUE(valueOf(edited)->changed);

  kind = ErrorKind::kUnavailable;
  EXPECT_EQ(guarded(group, adding(all)).error().kind, ErrorKind::kUnavailable)
      << "what is no refusal does not wait for a change";
  EXPECT_EQ(guarded(other, adding({users[2]})).error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(asked, Names{"other"});
  EXPECT_TRUE(changed(group, adding({users[2]})));
}

TEST_F(GroupStoreTest, E26_RacingAddsAllArriveAndEachRaisesTheVersion) {
  constexpr int kThreads = 16;
  constexpr int kEach = 10;
  const auto users = addUsers(kThreads * kEach);
  const auto group = addGroup("g");
  std::mutex mutex;
  std::set<std::uint64_t> versions;
  inParallel(kThreads, [&](int thread) {
    const auto first = static_cast<std::size_t>(thread) * kEach;
    for (std::size_t i = 0; i < kEach; ++i) {
      const auto done = change(group, adding({users[first + i]}));
      ASSERT_TRUE(done && *done) << done.error().internal;
      EXPECT_TRUE((*done)->changed);
      const std::lock_guard lock(mutex);
      EXPECT_TRUE(versions.insert((*done)->meta.version.value()).second);
    }
  });
  EXPECT_EQ(versions.size(), 160U);
  EXPECT_EQ(*versions.rbegin(), 161U);
  EXPECT_EQ(memberCount(), "160");
}

TEST_F(GroupStoreTest, RacingAddsAndRemovesOfOneMemberAlternate) {
  const auto bob = addUser("bob");
  const auto group = addGroup("g");
  std::atomic<int> added{0};
  std::atomic<int> removed{0};
  inParallel(8, [&](int thread) {
    for (int i = 0; i < 15; ++i) {
      const bool add = thread % 2 == 0;
      const auto done = change(group, add ? adding({bob}) : removing({bob}));
      ASSERT_TRUE(done && *done) << done.error().internal;
      if ((*done)->changed) ++(add ? added : removed);
    }
  });
  const int left = std::stoi(memberCount());
  EXPECT_EQ(added - removed, left);
  EXPECT_EQ(groupVersion(group), static_cast<std::uint64_t>(1 + added + removed));
}

TEST_F(GroupStoreTest, UsersCanBeDeletedWhileTheyAreAddedAndRemoved) {
  constexpr int kUsers = 40;
  const auto users = addUsers(kUsers);
  std::vector<ResourceId> groups;
  for (int i = 0; i < 4; ++i) groups.push_back(addGroup("g" + std::to_string(i)));
  std::atomic<int> deadlocks{0};
  const auto count = [&](Session& session) {
    if (session.failure() == Failure::kDeadlock) ++deadlocks;
  };
  inParallel(12, [&](int thread) {
    std::mt19937 random(static_cast<unsigned>(thread));
    for (int i = 0; i < 30; ++i) {
      const auto& user = users[random() % users.size()];
      const auto& group = groups[random() % groups.size()];
      if (thread < 4) {
        auto deleted = database().write([&](Session& session) -> Result<void> {
          auto locked = lockUser(session, domain(), user, false);
          if (!locked) count(session);
          if (!locked) return propagate(locked);
          if (!*locked) return {};
          auto done = deleteLockedUser(session, domain(), **locked, 1, audit());
          if (!done) count(session);
          return done;
        });
        EXPECT_TRUE(deleted) << deleted.error().internal;
        continue;
      }
      auto done = database().write([&](Session& session) {
        auto tried = changeGroup(session, domain(), scim::test::teamGroupType(), group, kKeep,
                                 random() % 2 == 0 ? adding({user}) : removing({user}), 1, audit());
        if (!tried) count(session);
        return tried;
      });
      // A user that is gone is no member: that is the only failure there may be.
      EXPECT_TRUE(done || done.error().kind == ErrorKind::kInvalidValue) << done.error().internal;
    }
  });
  EXPECT_EQ(deadlocks, 0);
  EXPECT_EQ(row("SELECT COUNT(*) FROM {domain}.memberships m LEFT JOIN {domain}.users u ON u.seq = "
                "m.user_seq WHERE u.seq IS NULL"),
            "0");
}

}  // namespace
}  // namespace vestibule::store::test
