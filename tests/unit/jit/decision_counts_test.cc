#include "jit/decision_counts.h"

#include <gtest/gtest.h>

#include <thread>

namespace vestibule::jit {
namespace {

using Catalog = std::shared_ptr<const directory::Catalog>;

/// A catalog of this revision with these identity providers, named by their numbers.
Catalog catalogOf(std::uint64_t revision,
                  const std::vector<store::IdentityProviderNumber>& numbers) {
  store::ControlRows rows;
  rows.revision = revision;
  for (const auto number : numbers) {
    store::IdentityProviderRow row;
    row.number = number;
    row.name = "idp " + std::to_string(number);
    rows.identity_providers.push_back(std::move(row));
  }
  return directory::Catalog::build(std::move(rows));
}

/// Created users by identity provider.
std::map<std::string, double> created(DecisionCounts& counts, const Catalog& catalog) {
  std::map<std::string, double> found;
  for (const auto& sample : counts.outcomes(*catalog)) {
    if (sample.labels.at(1).second == "created") {
      EXPECT_TRUE(found.emplace(sample.labels.at(0).second, sample.value).second);
    }
  }
  return found;
}

TEST(DecisionCounts, CountOutcomesAndCodes) {
  DecisionCounts counts;
  const auto catalog = catalogOf(1, {7});
  const auto refuse = [](const CodeInfo& info) { return refusal(info, "").value(); };
  const Error taken = refuse(kUserNameTaken);
  const Error away = refuse(kDatabaseUnavailable);
  const Error unknown = refuse(kUnknownIdentityProvider);
  counts.count(*catalog, 7, Outcome::kCreated, nullptr);
  counts.count(*catalog, 7, Outcome::kRefused, &taken);
  counts.count(*catalog, 7, Outcome::kRefused, &taken);
  counts.count(*catalog, 7, Outcome::kRefused, &away);
  counts.count(*catalog, 0, Outcome::kRefused, &unknown);
  std::map<std::string, double> told;
  for (const auto& samples : {counts.outcomes(*catalog), counts.codes(*catalog)}) {
    for (const auto& sample : samples) {
      if (sample.value > 0) {
        told[sample.labels.at(0).second + ' ' + sample.labels.at(1).second] = sample.value;
      }
    }
  }
  EXPECT_EQ(told, (std::map<std::string, double>{{"idp 7 created", 1},
                                                 {"idp 7 refused", 2},
                                                 {"idp 7 failed", 1},
                                                 {"idp 7 JIT-1203", 2},
                                                 {"idp 7 JIT-1901", 1},
                                                 {"/unknown refused", 1},
                                                 {"/unknown JIT-1001", 1}}));
}

TEST(DecisionCounts, NameTheFirstHundredAndMoveNoneForANewOne) {
  DecisionCounts counts;
  std::vector<store::IdentityProviderNumber> numbers;
  for (unsigned i = 150; i > 30; --i) numbers.push_back(i);
  const auto many = catalogOf(1, numbers);
  for (const auto number : numbers) counts.count(*many, number, Outcome::kCreated, nullptr);
  auto found = created(counts, many);
  EXPECT_EQ(found.size(), DecisionCounts::kMostProviders + 2);
  EXPECT_EQ(found["idp 31"], 1);
  EXPECT_EQ(found["idp 130"], 1);
  EXPECT_FALSE(found.contains("idp 131"));
  EXPECT_EQ(found["/other"], 20);

  numbers.push_back(151);
  found = created(counts, catalogOf(2, numbers));
  EXPECT_EQ(found.size(), DecisionCounts::kMostProviders + 2);
  EXPECT_TRUE(found.contains("idp 31"));
}

TEST(DecisionCounts, OfADeletedOneAreGoneAndMakeRoom) {
  DecisionCounts counts;
  std::vector<store::IdentityProviderNumber> numbers;
  for (unsigned i = 1; i <= 101; ++i) numbers.push_back(i);
  const auto full = catalogOf(1, numbers);
  counts.count(*full, 1, Outcome::kCreated, nullptr);
  EXPECT_FALSE(created(counts, full).contains("idp 101"));
  numbers.erase(numbers.begin());
  const auto later = catalogOf(2, numbers);
  counts.count(*later, 101, Outcome::kCreated, nullptr);
  auto found = created(counts, later);
  EXPECT_FALSE(found.contains("idp 1"));
  EXPECT_EQ(found["idp 101"], 1);
  EXPECT_EQ(found["/other"], 0);

  // A login that began before the change.
  counts.count(*full, 1, Outcome::kCreated, nullptr);
  found = created(counts, later);
  EXPECT_FALSE(found.contains("idp 1"));
  EXPECT_EQ(found["idp 101"], 1);
  EXPECT_EQ(found["/other"], 1);
}

TEST(DecisionCounts, AreCountedByManyWhileTheCatalogChanges) {
  DecisionCounts counts;
  const auto one = catalogOf(1, {1});
  const auto two = catalogOf(2, {1, 2});
  const auto log_in = [&] {
    for (int i = 0; i < 2'000; ++i) {
      counts.count(i % 2 == 0 ? *one : *two, 1, Outcome::kCreated, nullptr);
      if (i % 100 == 0) {
        EXPECT_FALSE(counts.outcomes(*two).empty());
      }
    }
  };
  std::thread other(log_in);
  log_in();
  other.join();
  EXPECT_EQ(created(counts, two)["idp 1"], 4'000);
}

}  // namespace
}  // namespace vestibule::jit
