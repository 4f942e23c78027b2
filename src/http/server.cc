#include "http/server.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <exception>
#include <thread>

#include "base/log.h"
#include "http/connection_keeper.h"
#include "http/io_threads.h"
#include "http/listener.h"

namespace vestibule::http {
namespace {

/// How long open connections may take to end when the server stops; they have been cut before.
constexpr std::chrono::milliseconds kStopLimit{2000};
/// How often a drain looks whether it is done.
constexpr std::chrono::milliseconds kDrainTick{5};

/// What a client beyond the connection cap gets. Made once: a server that has no room for a client
/// has no work to spend on it.
std::string turnedAway(const Dispatcher& dispatcher) {
  const auto bytes =
      serialize(dispatcher.refuse({503, "too many connections are open"}), {.dated = false});
  return bytes.head + bytes.body;
}

}  // namespace

/// What connections and jobs need as long as there are any.
struct Server::Core : ConnectionSettings {
  Core(const ServerOptions& options, Router router, ErrorRenderer render_error, WorkQueue& queue)
      : the_dispatcher(std::move(router), std::move(render_error), queue, options.limits.body,
                       options.report) {
    limits = options.limits;
    timeouts = options.timeouts;
    body_allowance = options.body_allowance;
    backlog = options.max_pipelined;
    memory = options.max_held;
    dispatcher = &the_dispatcher;
    keeper = &the_keeper;
  }

  Dispatcher the_dispatcher;
  ConnectionKeeper the_keeper;
};

struct Server::Threads {
  Threads(ServerOptions server_options, std::shared_ptr<Core> server_core)
      : options(std::move(server_options)),
        core(std::move(server_core)),
        turned_away_answer(turnedAway(core->the_dispatcher)) {}

  /// Takes a new client in. Called on the listener's thread.
  void admit(UniqueFd socket, std::string peer);

  const ServerOptions options;
  const std::shared_ptr<Core> core;
  const std::string turned_away_answer;
  std::unique_ptr<Listener> listener;
  std::unique_ptr<IoThreads> io;
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> turned_away{0};
};

void Server::Threads::admit(UniqueFd socket, std::string peer) {
  UniqueFd own;
  if (core->open.load() < options.max_connections) {
    own = UniqueFd(::fcntl(socket.get(), F_DUPFD_CLOEXEC, 0));
  }
  if (!own.valid()) {
    turned_away.fetch_add(1);
    // With TLS it would take a handshake to say it.
    if (!options.tls) {
      ::send(socket.get(), turned_away_answer.data(), turned_away_answer.size(),
             MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    ::shutdown(socket.get(), SHUT_WR);
    return;
  }
  try {
    auto tls = options.tls ? std::make_unique<TlsSession>(*options.tls->current()) : nullptr;
    auto connection =
        std::make_shared<Connection>(core, std::move(own), std::move(peer), std::move(tls));
    connection->start();
    core->the_keeper.add(connection);
    // Before its first request can be answered, so that whoever counts then counts it.
    accepted.fetch_add(1);
    io->adopt(std::move(socket), std::move(connection));
  } catch (const std::exception& exception) {
    logEvent(events::kConnectionNotTaken, {{"exception", typeid(exception).name()}});
  }
}

Server::Server(ServerOptions options, Router router, ErrorRenderer render_error, WorkQueue& queue)
    : core_(std::make_shared<Core>(options, std::move(router), std::move(render_error), queue)),
      threads_(std::make_unique<Threads>(std::move(options), core_)) {}

Server::~Server() { stop(); }

Result<void> Server::start() {
  auto listener = Listener::open(threads_->options.address, threads_->options.port);
  if (!listener) return propagate(listener);
  try {
    if (!core_->the_keeper.start()) {
      return failure(ErrorKind::kUnavailable, "no file descriptor left");
    }
    threads_->io = std::make_unique<IoThreads>(threads_->options.io_threads);
    threads_->listener = std::move(*listener);
    threads_->listener->start([threads = threads_.get()](UniqueFd socket, std::string peer) {
      threads->admit(std::move(socket), std::move(peer));
    });
  } catch (const std::exception& exception) {
    // Nothing of a client is in this text: it comes from starting threads.
    return failure(ErrorKind::kUnavailable,
                   std::string("the server cannot start: ") + exception.what());
  }
  return {};
}

std::uint16_t Server::port() const { return threads_->listener ? threads_->listener->port() : 0; }

void Server::beginDrain() {
  if (threads_->listener) threads_->listener->stop();
  core_->the_dispatcher.drain();
}

bool Server::awaitDrained(std::chrono::steady_clock::time_point until) {
  while (core_->answering.load() > 0) {
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(kDrainTick);
  }
  return true;
}

void Server::stop() {
  beginDrain();
  core_->the_keeper.cutAll();
  if (threads_->io) threads_->io->stop(kStopLimit);
  core_->the_keeper.stop();
}

ServerCounts Server::counts() const {
  ServerCounts counts{.connections = core_->open.load(),
                      .answering = core_->answering.load(),
                      .held = core_->held.load(),
                      .accepted = threads_->accepted.load(),
                      .turned_away = threads_->turned_away.load(),
                      .requests = core_->requests.load()};
  for (std::size_t i = 0; i < kTlsFailures; ++i) {
    counts.tls_failures.at(i) = core_->tls_failures.at(i).load(std::memory_order_relaxed);
  }
  return counts;
}

}  // namespace vestibule::http
