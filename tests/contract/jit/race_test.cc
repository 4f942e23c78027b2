#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "contract/jit/jit_test.h"

namespace vestibule::jit {
namespace {

constexpr int kThreads = 64;

class Race : public test::JitTest {
 protected:
  /// Runs the logins at once and counts what they came to.
  std::map<std::string, int> outcomes(const std::function<ProvisionResult(int)>& login_of) {
    std::vector<ProvisionResult> results(kThreads,
                                         ProvisionResult{internalFailure("not run"), {}, {}});
    std::barrier start(kThreads);
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        start.arrive_and_wait();
        results[static_cast<std::size_t>(i)] = login_of(i);
      });
    }
    for (auto& thread : threads) thread.join();
    std::map<std::string, int> counts;
    for (const auto& result : results) {
      ++counts[outcome(result)];
      if (result.decision && result.decision->user) users_.insert(idOf(result));
    }
    return counts;
  }

  std::set<ResourceId> users_;
};

TEST_F(Race, OfFirstLoginsOfOneSubjectMakesOneUser) {
  usual();
  group("CORP/writers");
  const auto counts = outcomes([&](int) {
    return login("s-1", R"({"uid": "bob", "title": "Boss", "groups": ["writers"]})");
  });
  EXPECT_EQ(counts, (std::map<std::string, int>{{"created", 1}, {"unchanged", kThreads - 1}}));
  EXPECT_EQ(users_.size(), 1U);
  EXPECT_EQ(count("corp.users"), 1U);
  EXPECT_EQ(count("control.federated_identities"), 1U);
  EXPECT_EQ(count("corp.memberships"), 1U);
}

TEST_F(Race, OfAThousandSubjectsFrom64ThreadsMakesAThousandUsers) {
  constexpr int kSubjects = 1'000;
  constexpr int kEach = 64;
  usual();
  group("CORP/everybody");
  std::atomic<int> errors{0};
  std::atomic<int> created{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kEach; ++thread) {
    threads.emplace_back([&] {
      for (int subject = 0; subject < kSubjects; ++subject) {
        const std::string number = std::to_string(subject);
        const auto result =
            login("s-" + number, R"({"uid": "user)" + number + R"(", "groups": ["everybody"]})");
        if (!result.decision) ++errors;
        if (outcome(result) == "created") ++created;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(errors, 0);
  EXPECT_EQ(created, kSubjects);
  EXPECT_EQ(count("corp.users"), std::uint64_t{kSubjects});
  EXPECT_EQ(count("control.federated_identities"), std::uint64_t{kSubjects});
  EXPECT_EQ(count("corp.memberships"), std::uint64_t{kSubjects});
}

TEST_F(Race, OfSubjectsForOneNameIsWonByOne) {
  usual();
  const auto counts =
      outcomes([&](int i) { return login("s-" + std::to_string(i), R"({"uid": "bob"})"); });
  EXPECT_EQ(counts, (std::map<std::string, int>{{"created", 1}, {"JIT-1203", kThreads - 1}}));
  EXPECT_EQ(count("corp.users"), 1U);
  EXPECT_EQ(count("control.federated_identities"), 1U);
}

TEST_F(Race, OfDifferentUsersInOneGroupLetsAllIn) {
  usual();
  group("CORP/everybody");
  const auto counts = outcomes([&](int i) {
    const std::string number = std::to_string(i);
    return login("s-" + number, R"({"uid": "user)" + number + R"(", "groups": ["everybody"]})");
  });
  EXPECT_EQ(counts, (std::map<std::string, int>{{"created", kThreads}}));
  EXPECT_EQ(count("corp.memberships"), static_cast<std::uint64_t>(kThreads));
}

TEST_F(Race, OfChangedClaimsEndsWithOneOfThem) {
  usual();
  ASSERT_EQ(outcome(login("s-1", R"({"uid": "bob"})")), "created");
  const auto counts = outcomes([&](int i) {
    return login("s-1", R"({"uid": "bob", "title": "t)" + std::to_string(i % 2) + "\"}");
  });
  for (const auto& [name, times] : counts) {
    EXPECT_TRUE(name == "updated" || name == "unchanged") << name << " " << times;
  }
  EXPECT_EQ(users_.size(), 1U);
  // What is remembered of the last login is what the user has.
  const auto result = ask("s-1", R"({"uid": "bob", "title": "t0"})");
  const bool has_t0 =
      attributes(login("s-1", R"({"uid": "bob", "title": "t0"})")) == R"({"title":"t0"})";
  EXPECT_TRUE(has_t0);
  EXPECT_TRUE(outcome(result) == "updated" || outcome(result) == "unchanged");
}

TEST_F(Race, WithADeletionEndsWithAtMostOneUser) {
  usual();
  for (int round = 0; round < 5; ++round) {
    const auto first = login("s-1", R"({"uid": "bob"})");
    ASSERT_TRUE(first.decision) << outcome(first);
    const auto counts = outcomes([&](int i) {
      if (i == kThreads / 2) scimDelete(idOf(first));
      return login("s-1", R"({"uid": "bob", "title": "t)" + std::to_string(i) + "\"}");
    });
    for (const auto& [name, times] : counts) {
      EXPECT_EQ(name.substr(0, 4) == "JIT-", false) << name << " " << times;
    }
    EXPECT_EQ(count("corp.users"), 1U);
    EXPECT_EQ(count("control.federated_identities"), 1U);
  }
}

}  // namespace
}  // namespace vestibule::jit
