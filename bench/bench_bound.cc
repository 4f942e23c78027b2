// Runs one operation as nothing but its SQL, on as many connections as the server has: what the
// server is measured against.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <latch>
#include <thread>

#include "base/result.h"
#include "bound_operations.h"
#include "measurement.h"
#include "operations.h"
#include "workbench.h"

namespace vestibule::bench {
namespace {

struct Options {
  std::string operation;
  std::string database;
  std::string signing_key;
  Layout layout;
  unsigned connections = 16;
  double seconds = 3;
  Watched watched;
};

/// Connects, prepares, waits for the others, and repeats the operation until the window ends.
void work(const Options& options, const Workbench& bench, Choice& choice, unsigned thread,
          std::latch& ready, std::latch& go, const Window& window, Samples& samples) {
  std::unique_ptr<store::Session> session;
  std::unique_ptr<BoundOperation> bound;
  try {
    if (auto connected = bench.connect()) {
      session = *std::move(connected);
      auto made = makeBound(*operationOf(options.operation), bench, *session, choice, thread,
                            options.signing_key);
      if (made) {
        bound = *std::move(made);
      } else {
        samples.fail(made.error().detail + " " + made.error().internal);
      }
    } else {
      samples.fail(connected.error().detail + " " + connected.error().internal);
    }
  } catch (const std::exception& error) {
    samples.fail(error.what());
  }
  ready.count_down();
  go.wait();
  if (!bound) return;
  for (auto from = Clock::now(); from < window.end;) {
    bool done = false;
    try {
      if (!bound->run()) {
        samples.exhausted = Clock::now();
        return;
      }
      done = true;
    } catch (const std::exception& error) {
      samples.fail(error.what());
      store::rollback(*session);
    }
    const auto to = Clock::now();
    if (done) samples.complete(window, from, to);
    from = to;
  }
}

int run(const Options& options) {
  auto bench = Workbench::open(options.database, options.layout);
  if (!bench) {
    static_cast<void>(std::fprintf(stderr, "bench_bound: %s %s\n", bench.error().detail.c_str(),
                                   bench.error().internal.c_str()));
    return 1;
  }
  Choice choice(options.layout);
  std::vector<Samples> samples(options.connections);
  std::latch ready(options.connections);
  std::latch go(1);
  Window window;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < options.connections; ++i) {
    threads.emplace_back(
        [&, i] { work(options, **bench, choice, i, ready, go, window, samples[i]); });
  }
  ready.wait();
  window = Window::afterWarmUp(options.seconds);
  go.count_down();
  ProcessorTimes times(options.watched);
  times.follow(window);
  for (auto& thread : threads) thread.join();
  return report(options.operation, window, samples, times);
}

}  // namespace
}  // namespace vestibule::bench

int main(int argc, char** argv) {
  using vestibule::bench::operationNames;
  vestibule::bench::Options options;
  CLI::App app("One operation as nothing but its SQL; prints one line of JSON", "bench_bound");
  app.add_option("--operation", options.operation, "Which operation")
      ->required()
      ->check(CLI::IsMember(operationNames()));
  app.add_option("--database", options.database, "mysql:// URL, as database.url")->required();
  app.add_option("--signing-key", options.signing_key, "PEM file of the key that signs ID tokens");
  app.add_option("--users", options.layout.users, "Loaded users")
      ->check(CLI::Range(1'000, 100'000'000));
  app.add_option("--seed", options.layout.seed, "Seed of the loaded users");
  app.add_option("--connections", options.connections, "Connections, a thread each")
      ->check(CLI::Range(1, 256));
  app.add_option("--seconds", options.seconds, "Length of the measurement")
      ->check(CLI::Range(0.1, 3'600.0));
  app.add_option("--database-pid", options.watched.database, "Process of the database server");
  CLI11_PARSE(app, argc, argv);
  return vestibule::bench::run(options);
}
