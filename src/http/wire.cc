#include "http/wire.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace vestibule::http {
namespace {

/// How much of an answer is sealed at once: what a client that does not read costs in memory.
constexpr std::size_t kSealedAtOnce = std::size_t{64} * 1024;
/// The plain bytes of a record (RFC 8446 §5.1).
constexpr std::size_t kRecord = std::size_t{16} * 1024;

/// What a system call that sends has come to.
struct Sent {
  Wire::Progress progress = Wire::Progress::kDone;
  std::size_t size = 0;
};

Sent sendTo(int socket, msghdr& message) {
  for (;;) {
    const auto sent = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return {Wire::Progress::kDone, static_cast<std::size_t>(sent)};
    if (errno == EAGAIN || errno == EWOULDBLOCK) return {Wire::Progress::kFull};
    if (errno != EINTR) return {Wire::Progress::kBroken};
  }
}

}  // namespace

Wire::Wire(UniqueFd socket, std::unique_ptr<TlsSession> tls)
    : socket_(std::move(socket)), tls_(std::move(tls)) {}

void Wire::put(AnswerBytes bytes) {
  answer_ = std::move(bytes);
  taken_ = 0;
}

Wire::Progress Wire::send() {
  const auto progress = tls_ ? sendSealed() : sendPlain();
  if (progress != Progress::kDone) return progress;
  answer_ = {};
  taken_ = 0;
  if (std::exchange(ending_, false)) ::shutdown(socket_.get(), SHUT_WR);
  return progress;
}

Wire::Progress Wire::send(std::string_view text) {
  put({std::string(text), {}});
  return send();
}

Wire::Progress Wire::sendPlain() {
  const auto piece = [](std::string& text, std::size_t from) {
    from = std::min(from, text.size());
    return iovec{text.data() + from, text.size() - from};
  };
  while (taken_ < answer_.size()) {
    const auto head_size = answer_.head.size();
    std::array<iovec, 2> pieces{piece(answer_.head, taken_),
                                piece(answer_.body, taken_ > head_size ? taken_ - head_size : 0)};
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    const auto sent = sendTo(socket_.get(), message);
    if (sent.progress != Progress::kDone) return sent.progress;
    taken_ += sent.size;
    written_ += sent.size;
  }
  return Progress::kDone;
}

Wire::Progress Wire::sendSealed() {
  fetchSealed();
  for (;;) {
    if (const auto progress = flush(); progress != Progress::kDone) return progress;
    if (taken_ >= answer_.size()) return Progress::kDone;
    if (!sealMore()) return Progress::kBroken;
    fetchSealed();
  }
}

/// Sends what is sealed.
Wire::Progress Wire::flush() {
  while (sealed_taken_ < sealed_.size()) {
    iovec piece{sealed_.data() + sealed_taken_, sealed_.size() - sealed_taken_};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    const auto sent = sendTo(socket_.get(), message);
    if (sent.progress != Progress::kDone) return sent.progress;
    sealed_taken_ += sent.size;
    written_ += sent.size;
  }
  sealed_ = {};
  sealed_taken_ = 0;
  return Progress::kDone;
}

/// Seals the next piece of the answer. A head goes into one record with the beginning of its body.
bool Wire::sealMore() {
  const auto head_size = answer_.head.size();
  if (taken_ < head_size) {
    std::string record = answer_.head.substr(taken_, kRecord);
    record.append(answer_.body, 0, kRecord - record.size());
    taken_ += record.size();
    return tls_->seal(record);
  }
  const auto piece = std::string_view(answer_.body).substr(taken_ - head_size, kSealedAtOnce);
  taken_ += piece.size();
  return tls_->seal(piece);
}

void Wire::fetchSealed() {
  auto more = tls_->takeSealed();
  if (more.empty()) return;
  if (sealed_taken_ == sealed_.size()) {
    sealed_ = std::move(more);
  } else {
    sealed_.erase(0, sealed_taken_);
    sealed_ += more;
  }
  sealed_taken_ = 0;
}

Wire::Progress Wire::endSending() {
  ending_ = true;
  if (tls_) tls_->end();
  return send();
}

void Wire::shutDown() {
  ending_ = false;
  ::shutdown(socket_.get(), SHUT_RDWR);
  answer_ = {};
  sealed_ = {};
  taken_ = sealed_taken_ = 0;
}

void Wire::close() {
  if (tls_ && pending() == 0) {
    tls_->end();
    // Whoever has no room for a record of a few bytes has not read what came before.
    [[maybe_unused]] const auto best_effort = send();
  }
  shutDown();
}

void Wire::resetAtClose() {
  const linger at_once{1, 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace vestibule::http
