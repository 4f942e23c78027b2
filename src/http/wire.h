#pragma once
// The way from a connection to its client and back: the socket, and TLS where the listener has it.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/serialize.h"
#include "http/tls_session.h"
#include "http/unique_fd.h"

namespace vestibule::http {

/// Owns the socket. Never waits: what the socket does not take is kept and sent by the next call.
/// An answer is sealed piece by piece as the client takes it, each piece once. Not thread-safe but
/// for `fd`.
class Wire {
 public:
  enum class Progress {
    kDone,    ///< everything is sent
    kFull,    ///< the socket takes no more for now
    kBroken,  ///< nothing can be sent any more
  };

  /// `tls` is null for a connection without TLS.
  Wire(UniqueFd socket, std::unique_ptr<TlsSession> tls);

  [[nodiscard]] int fd() const { return socket_.get(); }
  /// Null for a connection without TLS.
  [[nodiscard]] const TlsSession* tls() const { return tls_.get(); }
  /// Goes on without TLS: for a client that has never begun it.
  void becomePlain() { tls_.reset(); }

  /// What bytes of the client say. With TLS only; there may be something to send then.
  [[nodiscard]] std::string open(std::string_view sealed) { return tls_->open(sealed); }

  /// The next bytes to send; those before must have been sent.
  void put(AnswerBytes bytes);
  /// Sends what there is, of an answer and of TLS itself.
  [[nodiscard]] Progress send();
  /// Sends a short text that belongs to no answer; not while one is being sent.
  [[nodiscard]] Progress send(std::string_view text);
  /// Nothing more will be sent: tells the client so by TLS and by TCP, as soon as everything before
  /// is sent.
  [[nodiscard]] Progress endSending();
  /// Ends both directions at once. What has not been sent is lost.
  void shutDown();
  /// As shutDown, after an orderly farewell where nothing is waiting to be sent.
  void close();
  /// From now on the kernel ends the connection by a reset when its last descriptor goes.
  void resetAtClose();

  /// Bytes kept to be sent.
  [[nodiscard]] std::size_t pending() const { return answer_.size() + sealed_.size(); }
  /// Of these, bytes sealed already.
  [[nodiscard]] std::size_t sealed() const { return sealed_.size(); }
  /// Bytes the socket has taken so far.
  [[nodiscard]] std::uint64_t written() const { return written_; }

 private:
  [[nodiscard]] Progress sendPlain();
  [[nodiscard]] Progress sendSealed();
  [[nodiscard]] Progress flush();
  [[nodiscard]] bool sealMore();
  void fetchSealed();

  const UniqueFd socket_;
  std::unique_ptr<TlsSession> tls_;
  AnswerBytes answer_;
  std::size_t taken_ = 0;         ///< of the answer: sent, or with TLS sealed
  std::string sealed_;            ///< with TLS: what goes out as it is
  std::size_t sealed_taken_ = 0;  ///< of that
  bool ending_ = false;           ///< the sending side is shut when everything is sent
  std::uint64_t written_ = 0;
};

}  // namespace vestibule::http
