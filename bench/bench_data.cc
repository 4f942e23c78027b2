// Fills the database with the benchmark's users and groups, and puts it back between measurements.

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <functional>

#include "base/clock.h"
#include "bulk_load.h"
#include "id_tokens.h"
#include "import_load.h"
#include "json/write.h"
#include "population.h"
#include "store/operation_store.h"
#include "workbench.h"

namespace vestibule::bench {
namespace {

struct Options {
  std::string database;
  Layout layout;
  std::string signing_key;
  std::string key_set;
  unsigned connections = 4;
  std::uint64_t new_users = 50'000;
};

/// Users that the script reads back through SCIM: each with the body that another user like it is
/// to be created from, so that it can compare what was loaded with what the server stores.
json::Array sampleOf(const Population& people) {
  json::Array sample;
  constexpr std::uint64_t kSamples = 12;
  const auto microseconds = static_cast<std::uint64_t>(now());
  for (std::uint64_t i = 0; i < kSamples; ++i) {
    const auto n = i * (people.layout().users - 1) / (kSamples - 1);
    const auto person = people.person(n);
    const auto label = newLabel(microseconds + i);
    sample.emplace_back(json::Object{{"id", people.userId(n).text()},
                                     {"userName", person.userName()},
                                     {"label", person.label},
                                     {"provision", provisionBody(person)},
                                     {"other_label", label},
                                     {"other_body", scimUser(people.person(n, label))}});
  }
  return sample;
}

Result<void> load(const Options& options, const Workbench& bench) {
  const auto from = std::chrono::steady_clock::now();
  auto loaded = loadPopulation(bench, options.connections);
  if (!loaded) return propagate(loaded);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - from;
  if (auto warm = warmDatabase(bench); !warm) return warm;
  if (auto settled = settleDatabase(bench); !settled) return settled;
  const auto& layout = options.layout;
  const json::Object result{{"users", layout.users},
                            {"large_members", layout.largeMembers()},
                            {"small_groups", layout.smallGroups()},
                            {"domain_number", std::uint64_t{bench.domainNumber().value()}},
                            {"loaded", *loaded},
                            {"seconds", seconds.count()},
                            {"sample", sampleOf(bench.population())}};
  static_cast<void>(std::printf("%s\n", json::write(result).c_str()));
  return {};
}

Result<void> reset(const Options&, const Workbench& bench) {
  if (auto removed = removeAddedMembers(bench); !removed) return removed;
  return settleDatabase(bench);
}

/// Prints how many provisions are queued or run.
Result<void> queued(const Options&, const Workbench& bench) {
  auto session = bench.connect();
  if (!session) return propagate(session);
  auto counts = store::countOperations(**session, bench.controlSchema());
  if (!counts) return propagate(counts);
  std::uint64_t number = 0;
  for (const auto& count : *counts) number += count.number;
  static_cast<void>(std::printf("%llu\n", static_cast<unsigned long long>(number)));
  return {};
}

Result<void> importFile(const Options& options, const Workbench& bench) {
  writeImportFile(bench, options.new_users);
  return {};
}

/// Prints the seconds.
Result<void> importBound(const Options& options, const Workbench& bench) {
  auto seconds = runImportBound(bench, options.new_users, options.connections);
  if (!seconds) return propagate(seconds);
  const json::Object result{{"seconds", *seconds}};
  static_cast<void>(std::printf("%s\n", json::write(result).c_str()));
  return {};
}

int run(const Options& options,
        const std::function<Result<void>(const Options&, const Workbench&)>& action) {
  auto bench = Workbench::open(options.database, options.layout);
  Result<void> done;
  if (bench) {
    done = action(options, **bench);
  } else {
    done = propagate(bench);
  }
  if (done) return 0;
  static_cast<void>(std::fprintf(stderr, "bench_data: %s %s\n", done.error().detail.c_str(),
                                 done.error().internal.c_str()));
  return 1;
}

}  // namespace
}  // namespace vestibule::bench

int main(int argc, char** argv) {
  namespace bench = vestibule::bench;
  bench::Options options;
  std::function<vestibule::Result<void>(const bench::Options&, const bench::Workbench&)> action;
  CLI::App app("The benchmark's users and groups", "bench_data");
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--database", options.database, "mysql:// URL, as database.url");
  app.add_option("--users", options.layout.users, "Users to load")
      ->check(CLI::Range(1'000, 100'000'000));
  app.add_option("--seed", options.layout.seed, "Seed of the population");
  app.add_option("--connections", options.connections, "Connections to load over")
      ->check(CLI::Range(1, 64));
  app.add_option("--signing-key", options.signing_key, "PEM file of the key that signs ID tokens");
  app.add_option("--key-set", options.key_set, "JWK Set of that key");
  app.add_subcommand("settings",
                     "Make the keys of ID tokens where they are missing, and print the "
                     "identity provider's settings")
      ->callback([&] {
        bench::TokenSigner::provide(options.signing_key, options.key_set);
        static_cast<void>(
            std::printf("%s\n", bench::identityProviderSettings(options.key_set).c_str()));
      });
  app.add_subcommand("load", "Load what is not there yet; prints one line of JSON")->callback([&] {
    action = bench::load;
  });
  app.add_subcommand("reset", "Take out added members and wait until the database is idle")
      ->callback([&] { action = bench::reset; });
  app.add_option("--new-users", options.new_users, "Users of an import")
      ->check(CLI::Range(1, 10'000'000));
  app.add_subcommand("import-file", "Write new users as JSON lines to standard output")
      ->callback([&] { action = bench::importFile; });
  app.add_subcommand("import-bound",
                     "Store new users by statements of many rows; prints one line "
                     "of JSON")
      ->callback([&] { action = bench::importBound; });
  app.add_subcommand("queued", "Print how many provisions wait for their end")->callback([&] {
    action = bench::queued;
  });
  CLI11_PARSE(app, argc, argv);
  return action ? bench::run(options, action) : 0;
}
