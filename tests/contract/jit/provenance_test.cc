// Where users come from, as SCIM shows it: what logins and administrators note in a user.

#include "directory/provenance.h"

#include <gtest/gtest.h>

#include <barrier>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "contract/jit/provenance_fixture.h"

namespace vestibule::jit {
namespace {

using test::parsed;

class Provenance : public test::ProvenanceTest {};

TEST_F(Provenance, ANewUserTellsWhereItComesFrom) {
  usual();
  const std::string claims = R"({"uid": "bob", "title": "Boss"})";
  const auto would_be = ask("s-1", claims);
  EXPECT_EQ(told(entriesIn(json::Value(*would_be.decision->new_attributes))), "idp/s-1 synced");
  const auto created = login("s-1", claims);
  ASSERT_EQ(outcome(created), "created");
  EXPECT_EQ(told(entriesIn(parsed(created.decision->user->resource.document))), "idp/s-1 synced");
  const auto bob = idOf(created);
  EXPECT_EQ(told(bob), "idp/s-1 synced");
  EXPECT_TRUE(listsSchema(bob));
  const auto [first, last] = dates(bob);
  EXPECT_EQ(first, last);
  EXPECT_EQ(first, *shown(bob).find("meta")->stringAt("created"));
  EXPECT_EQ(told(scimUser(R"("userName": "CORP/alice")")), "");
}

TEST_F(Provenance, ALoginThatChangesAttributesIsTheLastOne) {
  usual();
  const auto bob = idOf(login("s-1", R"({"uid": "bob", "title": "Boss"})"));
  age();
  const auto old = dates(bob);
  const auto before = footprint();
  const auto sent = onlooker_.statements();
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob", "title": "Boss"})")), "unchanged");
  EXPECT_EQ(onlooker_.statements() - sent, 1U);
  EXPECT_EQ(footprint(), before);
  EXPECT_EQ(dates(bob), old);

  const auto would_be = ask("s-1", R"({"uid": "bob", "title": "Chief"})");
  const auto changed = login("s-1", R"({"uid": "bob", "title": "Chief"})");
  EXPECT_EQ(outcome(changed), "updated");
  EXPECT_EQ(versionOf(changed), 2U);
  const auto [first, last] = dates(bob);
  EXPECT_EQ(first, old.first);
  EXPECT_GT(last, old.second);
  EXPECT_EQ(told(bob), "idp/s-1 synced");
  EXPECT_EQ(told(entriesIn(parsed(would_be.decision->user->resource.document))), "idp/s-1 synced");
}

TEST_F(Provenance, ALoginThatChangesGroupsAloneLeavesTheUserAsItIs) {
  usual();
  group("CORP/writers");
  const auto bob = idOf(login("s-1", R"({"uid": "bob"})"));
  age();
  const auto old = dates(bob);
  const auto granted = login("s-1", R"({"uid": "bob", "groups": ["writers"]})");
  EXPECT_EQ(outcome(granted), "updated");
  EXPECT_EQ(groupsOf(granted), std::vector<std::string>{"writers"});
  EXPECT_EQ(versionOf(granted), 1U);
  EXPECT_EQ(dates(bob), old);
}

TEST_F(Provenance, ALinkByARuleAddsAnEntryAndKeepsTheOthers) {
  usual();
  const auto bob = idOf(login("s-1", R"({"uid": "bob", "email": "bob@c.example"})"));
  jitSettings(R"("userstore": "CORP", "associateLocalUser": true,
      "accountLookupAttributeMappings": [{"federatedAttribute": "email",
      "localAttribute": "emails.value"}])",
              "other");
  const std::string claims =
      R"({"uid": "x", "email": "bob@c.example", "email_verified": true, "title": "T"})";
  const auto linked = login("s-2", claims, "other");
  ASSERT_EQ(outcome(linked), "linked");
  EXPECT_EQ(idOf(linked), bob);
  EXPECT_EQ(told(bob), "idp/s-1 synced, other/s-2 synced");
  // OVERRIDE_ALL removes what this identity provider does not send, and nothing of the server's.
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob"})")), "updated");
  EXPECT_EQ(told(bob), "idp/s-1 synced, other/s-2 synced");
  EXPECT_EQ(attributes(login("s-1", R"({"uid": "bob"})")), "{}");
}

TEST_F(Provenance, ALinkIsNotedAlsoWhenNothingElseChanges) {
  jitSettings(R"("userstore": "CORP", "associateLocalUser": true, "attributeSyncMethod": "NONE",
      "accountLookupAttributeMappings": [{"federatedAttribute": "n", "localAttribute": "externalId"}])");
  const auto bob = scimUser(R"("userName": "CORP/bob", "externalId": "7")");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "x", "n": "7"})")), "linked");
  EXPECT_EQ(told(bob), "idp/s-1 synced");
  EXPECT_EQ(storedVersion(bob), 2U);
}

TEST_F(Provenance, AnAdministratorsLinkWaitsForItsFirstLogin) {
  usual();
  const auto bob = scimUser(R"("userName": "CORP/bob", "title": "Boss")");
  link("s-1", bob);
  EXPECT_EQ(told(bob), "idp/s-1 linked");
  EXPECT_EQ(dates(bob), (std::pair<std::string, std::string>{"-", "-"}));
  EXPECT_EQ(storedVersion(bob), 2U);
  EXPECT_TRUE(listsSchema(bob));

  const std::string claims = R"({"uid": "bob", "title": "Boss"})";
  EXPECT_EQ(outcome(ask("s-1", claims)), "updated");
  const auto first = login("s-1", claims);
  EXPECT_EQ(outcome(first), "updated");
  EXPECT_EQ(told(bob), "idp/s-1 synced");
  EXPECT_EQ(dates(bob).first, dates(bob).second);
  EXPECT_EQ(versionOf(first), 3U);
  const auto sent = onlooker_.statements();
  EXPECT_EQ(outcome(login("s-1", claims)), "unchanged");
  EXPECT_EQ(onlooker_.statements() - sent, 1U);
}

TEST_F(Provenance, AMoveTakesTheEntryAlong) {
  usual();
  group("CORP/writers");
  const auto bob = idOf(login("s-1", R"({"uid": "bob", "groups": ["writers"]})"));
  link("s-2", bob);
  const auto alice = scimUser(R"("userName": "alice")");
  EXPECT_EQ(told(bob), "idp/s-1 synced, idp/s-2 linked");
  move("s-1", alice);
  EXPECT_EQ(told(bob), "idp/s-2 linked");
  EXPECT_EQ(told(alice), "idp/s-1 linked");
  EXPECT_EQ(storedVersion(bob), 3U);
  EXPECT_EQ(storedVersion(alice), 2U);
  move("s-1", alice);
  EXPECT_EQ(storedVersion(alice), 2U);
  move("s-2", alice);
  EXPECT_EQ(told(bob), "");
  EXPECT_FALSE(listsSchema(bob));
  EXPECT_EQ(told(alice), "idp/s-1 linked, idp/s-2 linked");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob", "title": "T"})")), "updated");
  EXPECT_EQ(told(alice), "idp/s-1 synced, idp/s-2 linked");
}

TEST_F(Provenance, AnUnlinkedIdentityIsForgottenAndComesBackAsNew) {
  usual();
  const auto bob = idOf(login("s-1", R"({"uid": "bob"})"));
  unlink("s-1");
  EXPECT_EQ(told(bob), "");
  EXPECT_FALSE(listsSchema(bob));
  EXPECT_EQ(found(R"(ID.subject eq "s-1")"), "");
  link("s-1", bob);
  EXPECT_EQ(told(bob), "idp/s-1 linked");
}

TEST_F(Provenance, AnAdministratorsLinkIsNotedInAReadOnlyDomainToo) {
  usual();
  const auto bob = scimUser(R"("userName": "CORP/bob")");
  const auto alice = scimUser(R"("userName": "CORP/alice")");
  domainSettings("CORP", R"({"ReadOnly": true})");
  link("s-1", bob);
  EXPECT_EQ(told(bob), "idp/s-1 linked");
  move("s-1", alice);
  EXPECT_EQ(told(bob) + told(alice), "idp/s-1 linked");
  unlink("s-1");
  EXPECT_EQ(told(alice), "");
}

TEST_F(Provenance, ALoginTellsOfUsersThatWereKnownBefore) {
  usual();
  const std::string claims = R"({"uid": "bob", "title": "Boss"})";
  const auto bob = idOf(login("s-1", claims));
  forgetAll();
  ASSERT_EQ(told(bob), "");
  ASSERT_FALSE(listsSchema(bob));
  // A digest of a login from before does not say that it was noted.
  onlooker_.run("UPDATE " + table("control.federated_identities") +
                " SET created = 1000000000000000, claims_digest = REPEAT('x', 32)");
  // Nothing is refused in a read-only domain because of what could be noted.
  domainSettings("CORP", R"({"ReadOnly": true})");
  EXPECT_EQ(outcome(login("s-1", claims)), "unchanged");
  EXPECT_EQ(told(bob), "");
  domainSettings("CORP", R"({"ReadOnly": false})");
  EXPECT_EQ(outcome(ask("s-1", claims)), "updated");
  EXPECT_EQ(outcome(login("s-1", claims)), "updated");
  EXPECT_EQ(told(bob), "idp/s-1 synced");
  EXPECT_EQ(dates(bob).first, "2001-09-09T01:46:40.000Z");
  EXPECT_EQ(outcome(login("s-1", claims)), "unchanged");
}

TEST_F(Provenance, OutlivesTheIdentityProvider) {
  usual();
  usual("other");
  const auto bob = idOf(login("s-1", R"({"uid": "bob"})"));
  link("s-2", bob, "other");
  must(providers_->remove("idp"));
  EXPECT_EQ(told(bob), "idp/s-1 synced, other/s-2 linked");
  EXPECT_EQ(outcome(login("s-2", R"({"uid": "bob", "title": "T"})", "other")), "updated");
  EXPECT_EQ(told(bob), "idp/s-1 synced, other/s-2 synced");
  EXPECT_EQ(found(R"(ID.identityProvider eq "idp")"), "CORP/bob");
}

TEST_F(Provenance, NoWriterLosesTheEntryOfAnother) {
  usual();
  const auto ada = scimUser(R"("userName": "CORP/ada")");
  link("s", ada);
  constexpr int kRounds = 10;
  constexpr int kLinkers = 4;
  std::barrier start(kLinkers + 2);
  std::vector<std::thread> threads;
  for (int linker = 0; linker < kLinkers; ++linker) {
    threads.emplace_back([&, linker] {
      start.arrive_and_wait();
      for (int i = 0; i < kRounds; ++i) {
        link("s-" + std::to_string(linker) + "-" + std::to_string(i), ada);
      }
    });
  }
  threads.emplace_back([&] {
    start.arrive_and_wait();
    for (int i = 0; i < kRounds; ++i) {
      scimPatch(ada,
                R"({"op": "replace", "path": "nickName", "value": ")" + std::to_string(i) + "\"}");
    }
  });
  threads.emplace_back([&] {
    start.arrive_and_wait();
    for (int i = 0; i < kRounds; ++i) {
      login("s", R"({"uid": "ada", "title": ")" + std::to_string(i) + "\"}");
    }
  });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(entriesIn(shown(ada)).size(), 1U + kLinkers * kRounds);
  EXPECT_EQ(noted(ada), linked(ada));
  EXPECT_EQ(shown(ada).stringAt("title"), std::to_string(kRounds - 1));
}

TEST_F(Provenance, MovesAgainstEachOtherAgreeWithTheLinks) {
  usual();
  const std::vector<ResourceId> users = {scimUser(R"("userName": "CORP/ada")"),
                                         scimUser(R"("userName": "CORP/bob")"),
                                         scimUser(R"("userName": "eve")")};
  constexpr std::size_t kMovers = 6;
  for (std::size_t mover = 0; mover < kMovers; ++mover) {
    link("s-" + std::to_string(mover), users[mover % users.size()]);
  }
  std::barrier start(kMovers);
  std::vector<std::thread> threads;
  for (std::size_t mover = 0; mover < kMovers; ++mover) {
    threads.emplace_back([&, mover] {
      start.arrive_and_wait();
      // Half of them go round one way, half the other.
      for (std::size_t i = 1; i <= 9; ++i) {
        const std::size_t step = mover < kMovers / 2 ? i : 2 * i;
        move("s-" + std::to_string(mover), users[(mover + step) % users.size()]);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& user : users) {
    EXPECT_FALSE(linked(user).empty());
    EXPECT_EQ(noted(user), linked(user));
  }
}

}  // namespace
}  // namespace vestibule::jit
