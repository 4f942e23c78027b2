#include "http/io_threads.h"

#include <pistache/peer.h>
#include <pistache/reactor.h>
#include <pistache/tcp.h>
#include <pistache/transport.h>

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <typeinfo>

#include "base/log.h"

namespace vestibule::http {
namespace {

constexpr const char* kConnectionKey = "connection";

/// How many sockets Pistache has.
class Census {
 public:
  void enter() {
    const std::lock_guard lock(mutex_);
    ++count_;
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    if (--count_ == 0) empty_.notify_all();
  }
  bool waitUntilEmpty(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    return empty_.wait_for(lock, limit, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable empty_;
  std::size_t count_ = 0;
};

/// What Pistache calls. Each of its threads has a copy. An exception that went up from here would
/// end the process.
class PeerHandler final : public Pistache::Tcp::Handler {
  PROTOTYPE_OF(Pistache::Tcp::Handler, PeerHandler)

 public:
  explicit PeerHandler(std::shared_ptr<Census> census) : census_(std::move(census)) {}

  void onInput(const char* bytes, std::size_t size,
               const std::shared_ptr<Pistache::Tcp::Peer>& peer) override {
    const auto connection = connectionOf(peer);
    try {
      connection->onInput({bytes, size});
    } catch (const std::exception& exception) {
      spdlog::error("a connection ended by an exception of type {}", typeid(exception).name());
      connection->cut();
    }
  }

  void onDisconnection(const std::shared_ptr<Pistache::Tcp::Peer>& peer) override {
    connectionOf(peer)->onHangUp();
    census_->leave();
  }

 private:
  static std::shared_ptr<Connection> connectionOf(
      const std::shared_ptr<Pistache::Tcp::Peer>& peer) {
    return std::static_pointer_cast<Connection>(peer->getData(kConnectionKey));
  }

  std::shared_ptr<Census> census_;
};

}  // namespace

struct IoThreads::Runtime {
  std::shared_ptr<Census> census = std::make_shared<Census>();
  std::shared_ptr<Pistache::Aio::Reactor> reactor = Pistache::Aio::Reactor::create();
  std::vector<std::shared_ptr<Pistache::Tcp::Transport>> transports;  ///< one a thread
  std::size_t next = 0;
};

IoThreads::IoThreads(std::size_t count) : runtime_(std::make_unique<Runtime>()) {
  auto& reactor = *runtime_->reactor;
  reactor.init(Pistache::Aio::AsyncContext(count, "http-io"));
  const auto key = reactor.addHandler(
      std::make_shared<Pistache::Tcp::Transport>(std::make_shared<PeerHandler>(runtime_->census)));
  for (const auto& handler : reactor.handlers(key)) {
    runtime_->transports.push_back(std::static_pointer_cast<Pistache::Tcp::Transport>(handler));
  }
  reactor.run();
}

IoThreads::~IoThreads() { stop(std::chrono::milliseconds(0)); }

void IoThreads::adopt(UniqueFd socket, std::shared_ptr<Connection> connection) {
  auto peer = Pistache::Tcp::Peer::Create(socket.get(), Pistache::Address());
  peer->putData(kConnectionKey, std::move(connection));
  auto& transport = *runtime_->transports[runtime_->next++ % runtime_->transports.size()];
  runtime_->census->enter();
  transport.handleNewPeer(peer);
  [[maybe_unused]] const int owned_by_pistache = socket.release();
}

void IoThreads::stop(std::chrono::milliseconds limit) {
  if (!runtime_) return;
  if (!runtime_->census->waitUntilEmpty(limit)) {
    spdlog::warn("the I/O threads end while sockets are still open");
  }
  runtime_->reactor->shutdown();
  runtime_.reset();
}

}  // namespace vestibule::http
