// Asks a running server for one operation over and over, on keep-alive connections, and checks
// every answer.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "http_client.h"
#include "measurement.h"
#include "requests.h"

namespace vestibule::bench {
namespace {

struct Options {
  std::string operation;
  std::string url;
  std::string signing_key;
  Layout layout;
  std::uint16_t domain_number = 0;
  unsigned connections = 32;
  unsigned threads = 1;
  double seconds = 3;
  Watched watched;
};

int run(const Options& options) {
  const auto endpoint = Endpoint::parse(options.url);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread yet
  const char* token = std::getenv("BENCH_TOKEN");
  if (!endpoint || token == nullptr) {
    static_cast<void>(std::fprintf(
        stderr, "bench_load: %s\n",
        endpoint ? "BENCH_TOKEN is not set" : "--url is not http://ADDRESS:PORT, nor https"));
    return 2;
  }
  const Operation operation = *operationOf(options.operation);
  std::optional<TokenSigner> signer;
  if (!options.signing_key.empty()) signer.emplace(options.signing_key);
  if (needsSigner(operation) && !signer) {
    static_cast<void>(
        std::fprintf(stderr, "bench_load: %s needs --signing-key\n", options.operation.c_str()));
    return 2;
  }
  const Population people(options.layout, DomainNumber(options.domain_number));
  Choice choice(options.layout);
  std::vector<std::unique_ptr<RequestMaker>> makers;
  for (unsigned i = 0; i < options.threads; ++i) {
    makers.push_back(std::make_unique<RequestMaker>(operation, people, choice, *endpoint, token, i,
                                                    signer ? &*signer : nullptr));
  }
  const auto window = Window::afterWarmUp(options.seconds);
  std::vector<Samples> samples(options.threads);
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < options.threads; ++i) {
    const unsigned share =
        options.connections / options.threads + (i < options.connections % options.threads ? 1 : 0);
    threads.emplace_back([&, i, share] {
      driveConnections(
          *endpoint, share, [&](Request& request) { return makers[i]->next(request); }, window,
          samples[i]);
    });
  }
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
  CLI::App app("Load on a running server, bearer token from $BENCH_TOKEN; prints one line of JSON",
               "bench_load");
  app.add_option("--operation", options.operation, "Which operation")
      ->required()
      ->check(CLI::IsMember(operationNames()));
  app.add_option("--url", options.url, "The listener, as http://127.0.0.1:8080")->required();
  app.add_option("--domain-number", options.domain_number, "Number of the domain BENCH")
      ->required();
  app.add_option("--signing-key", options.signing_key, "PEM file of the key that signs ID tokens");
  app.add_option("--users", options.layout.users, "Loaded users")
      ->check(CLI::Range(1'000, 100'000'000));
  app.add_option("--seed", options.layout.seed, "Seed of the loaded users");
  app.add_option("--connections", options.connections, "Connections")->check(CLI::Range(1, 4'096));
  app.add_option("--threads", options.threads, "Threads that drive them")->check(CLI::Range(1, 64));
  app.add_option("--seconds", options.seconds, "Length of the measurement")
      ->check(CLI::Range(0.1, 3'600.0));
  app.add_option("--server-pid", options.watched.server, "Process of the server");
  app.add_option("--database-pid", options.watched.database, "Process of the database server");
  CLI11_PARSE(app, argc, argv);
  return vestibule::bench::run(options);
}
