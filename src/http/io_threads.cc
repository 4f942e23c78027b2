#include "http/io_threads.h"

#include <pistache/peer.h>
#include <pistache/reactor.h>
#include <pistache/tcp.h>
#include <pistache/transport.h>

#include <condition_variable>
#include <mutex>
#include <unordered_map>

#include "base/log.h"

namespace vestibule::http {
namespace {

/// The sockets that Pistache has, and the connections that wait for its threads to see them.
class Arrivals {
 public:
  void add(int socket, std::shared_ptr<Connection> connection) {
    const std::lock_guard lock(mutex_);
    waiting_.insert_or_assign(socket, std::move(connection));
    ++open_;
  }
  std::shared_ptr<Connection> take(int socket) {
    const std::lock_guard lock(mutex_);
    auto entry = waiting_.extract(socket);
    return entry ? std::move(entry.mapped()) : nullptr;
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    if (--open_ == 0) all_left_.notify_all();
  }
  bool waitUntilAllLeft(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    return all_left_.wait_for(lock, limit, [this] { return open_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_left_;
  std::unordered_map<int, std::shared_ptr<Connection>> waiting_;
  std::size_t open_ = 0;
};

/// What Pistache calls. Each of its threads has a copy of its own.
class PeerHandler final : public Pistache::Tcp::Handler {
  PROTOTYPE_OF(Pistache::Tcp::Handler, PeerHandler)

 public:
  explicit PeerHandler(std::shared_ptr<Arrivals> arrivals) : arrivals_(std::move(arrivals)) {}

  void onConnection(const std::shared_ptr<Pistache::Tcp::Peer>& peer) override {
    connections_.insert_or_assign(peer->fd(), arrivals_->take(peer->fd()));
  }

  void onInput(const char* bytes, std::size_t size,
               const std::shared_ptr<Pistache::Tcp::Peer>& peer) override {
    connections_.at(peer->fd())->onInput({bytes, size});
  }

  /// Pistache closes its descriptor after this, so the number means this connection until then.
  void onDisconnection(const std::shared_ptr<Pistache::Tcp::Peer>& peer) override {
    auto entry = connections_.extract(peer->fd());
    entry.mapped()->onHangUp();
    arrivals_->leave();
  }

 private:
  std::shared_ptr<Arrivals> arrivals_;
  std::unordered_map<int, std::shared_ptr<Connection>> connections_;  ///< of this thread
};

}  // namespace

struct IoThreads::Runtime {
  std::shared_ptr<Arrivals> arrivals = std::make_shared<Arrivals>();
  std::shared_ptr<Pistache::Aio::Reactor> reactor = Pistache::Aio::Reactor::create();
  std::vector<std::shared_ptr<Pistache::Tcp::Transport>> transports;  ///< one a thread
  std::size_t next = 0;
};

IoThreads::IoThreads(std::size_t count) : runtime_(std::make_unique<Runtime>()) {
  auto& reactor = *runtime_->reactor;
  reactor.init(Pistache::Aio::AsyncContext(count, "http-io"));
  const auto key = reactor.addHandler(std::make_shared<Pistache::Tcp::Transport>(
      std::make_shared<PeerHandler>(runtime_->arrivals)));
  for (const auto& handler : reactor.handlers(key)) {
    runtime_->transports.push_back(std::static_pointer_cast<Pistache::Tcp::Transport>(handler));
  }
  reactor.run();
}

IoThreads::~IoThreads() { stop(std::chrono::milliseconds(0)); }

void IoThreads::adopt(UniqueFd socket, std::shared_ptr<Connection> connection) {
  const auto peer = Pistache::Tcp::Peer::Create(socket.get(), Pistache::Address());
  auto& transport = *runtime_->transports[runtime_->next++ % runtime_->transports.size()];
  runtime_->arrivals->add(socket.get(), std::move(connection));
  transport.handleNewPeer(peer);
  [[maybe_unused]] const int owned_by_pistache = socket.release();
}

void IoThreads::stop(std::chrono::milliseconds limit) {
  if (!runtime_) return;
  if (!runtime_->arrivals->waitUntilAllLeft(limit)) {
    logEvent(events::kServerSocketsLeft);
  }
  runtime_->reactor->shutdown();
  runtime_.reset();
}

}  // namespace vestibule::http
