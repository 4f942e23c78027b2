// What a connection does for TLS beside its answers: the handshake, alerts, new keys.

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/log.h"
#include "http/connection.h"
#include "http/connection_keeper.h"

namespace vestibule::http {
namespace {

/// The most sealed bytes that wait for a client to read them: a piece of an answer and what TLS
/// itself has to say, of which a client can ask for more as often as it likes.
constexpr std::size_t kSealedLimit = 256UL * 1024;

/// The network that the client is in, which is less than who it is: /24 or /48 of its address.
std::string networkOf(const std::string& peer) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool v6 = peer.find(':') != std::string::npos;
  const int family = v6 ? AF_INET6 : AF_INET;
  if (::inet_pton(family, peer.c_str(), address.data()) != 1) return "no network";
  std::fill(address.begin() + (v6 ? 6 : 3), address.end(), '\0');
  ::inet_ntop(family, address.data(), text.data(), text.size());
  return text.data() + std::string(v6 ? "/48" : "/24");
}

}  // namespace

/// Takes sealed bytes of the client.
void Connection::open(std::string_view sealed) {
  if (state_ == State::kClosed) return;
  if (state_ == State::kLingering) return discard(sealed.size());
  const auto plain = wire_.open(sealed);
  if (awaiting_ == Awaiting::kHandshake && wire_.tls()->state() == TlsSession::State::kOpen) {
    awaiting_ = Awaiting::kNothing;
    if (plain.empty()) awaitMore();
  }
  if (!plain.empty()) take(plain);
  if (state_ == State::kClosed) return;
  switch (wire_.tls()->state()) {
    case TlsSession::State::kFailed:
      return tlsFailed();
    case TlsSession::State::kEnded:
      return heardLast();
    case TlsSession::State::kHandshaking:
    case TlsSession::State::kOpen:
      return sendBytesOfTls();
  }
}

/// Tells the client why, and ends the connection.
void Connection::tlsFailed() {
  noteTlsFailure(wire_.tls()->failure());
  if (state_ == State::kReading && wire_.tls()->metPlainHttp()) {
    wire_.becomePlain();
    return refuse({400, "this port takes HTTPS only"});
  }
  logEvent(events::kTlsFailed, {{"network", networkOf(peer_)}, {"reason", wire_.tls()->reason()}});
  // What is being answered cannot be sealed any more.
  if (state_ == State::kServing || state_ == State::kWriting) return abort();
  endSending();
}

void Connection::noteTlsFailure(TlsFailure failure) {
  settings_->tls_failures.at(static_cast<std::size_t>(failure))
      .fetch_add(1, std::memory_order_relaxed);
}

void Connection::sendBytesOfTls() {
  switch (wire_.send()) {
    case Wire::Progress::kDone:
      return;
    case Wire::Progress::kBroken:
      return close();
    case Wire::Progress::kFull:
      break;
  }
  if (wire_.sealed() > kSealedLimit) return abort();
  if (state_ != State::kWriting) awaitBytesOfTls();
}

void Connection::awaitBytesOfTls() {
  if (bytes_of_tls_wait_) return;
  bytes_of_tls_wait_ = true;
  settings_->keeper->finishWriting(shared_from_this());
}

/// The socket can take more of them. True while there are more.
bool Connection::finishBytesOfTls() {
  if (state_ == State::kClosed) return false;
  const auto progress = wire_.send();
  if (progress == Wire::Progress::kBroken) close();
  bytes_of_tls_wait_ = progress == Wire::Progress::kFull;
  return bytes_of_tls_wait_;
}

}  // namespace vestibule::http
