#pragma once
// One connection of one client: its socket, its bytes, its clocks, and the order of its answers.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "http/framing.h"
#include "http/serialize.h"
#include "http/thread_share.h"
#include "http/wire.h"

namespace vestibule::http {

class Dispatcher;
class ConnectionKeeper;

/// How long a client may take.
struct Timeouts {
  std::chrono::milliseconds header{
      10'000};  ///< from the first byte of a request to the end of its header, and with TLS from
                ///< the beginning of the connection to the end of the handshake
  std::chrono::milliseconds body{30'000};  ///< from the end of the header to the end of the body
  std::chrono::milliseconds idle{60'000};  ///< between two requests, and before the first
  std::chrono::milliseconds write{
      20'000};  ///< to take more of an answer that does not fit the socket's buffer
  std::chrono::milliseconds linger{2'000};  ///< to close its side after the last answer
};

/// What all connections of a server share. Outlives them: each holds it by a shared pointer.
struct ConnectionSettings {
  FramingLimits limits;
  Timeouts timeouts;
  BodyAllowance body_allowance;
  std::size_t backlog =
      std::size_t{64} * 1024;  ///< bytes of pipelined requests kept while one is being answered
  std::size_t memory =
      std::size_t{256} * 1024 *
      1024;  ///< bytes of requests and of answers nobody takes, kept over all connections

  Dispatcher* dispatcher = nullptr;
  ConnectionKeeper* keeper = nullptr;

  std::atomic<std::size_t> held{
      0};  ///< bytes of requests and of answers nobody takes, over all connections
  std::atomic<std::size_t> open{0};  ///< connections
  std::atomic<std::size_t> answering{
      0};  ///< connections with a request that has not been answered in full
  std::atomic<std::uint64_t> requests{0};  ///< requests framed
  /// Connections whose TLS came to nothing, by TlsFailure.
  std::array<std::atomic<std::uint64_t>, kTlsFailures> tls_failures{};
};

/// Owns a descriptor of the socket that no one else closes: as long as the object lives, its number
/// cannot come to mean another client's connection, so a late answer goes to the client that asked
/// or nowhere.
///
/// One request at a time is being answered; what a client sends meanwhile waits. All functions are
/// thread-safe; inputs must come in order. Made by std::make_shared only.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;

  /// `socket` is a non-blocking descriptor; `peer` the address of the client, for the log; `tls`
  /// null for a connection without TLS.
  Connection(std::shared_ptr<ConnectionSettings> settings, UniqueFd socket, std::string peer,
             std::unique_ptr<TlsSession> tls = nullptr);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Starts the clock. Call once, before any input.
  void start();

  /// Bytes of the client have come. Called on an I/O thread.
  void onInput(std::string_view bytes);

  /// The client has closed its side or the connection is broken. A request that is being answered
  /// is still answered: a client may close its sending side and go on reading.
  void onHangUp();

  /// The answer to the request that was handed to the dispatcher. Called on a worker thread.
  void answer(Response response);

  /// Ends what has waited too long, if its time has come.
  void onTime(Clock::time_point now);

  /// The socket can take more bytes. True while there is more to write.
  bool onWritable();

  /// Ends the connection at once, whatever its state.
  void cut();

  /// The socket, for poll() only. Valid as long as the object lives.
  [[nodiscard]] int fd() const { return wire_.fd(); }
  /// When `onTime` has something to do; Clock::time_point::max() for never. Costs one atomic load.
  [[nodiscard]] Clock::time_point deadline() const;

 private:
  enum class State {
    kReading,    ///< a request is awaited or incomplete
    kServing,    ///< a worker has the request, or makes more of its answer
    kWriting,    ///< the answer waits for the client to read
    kLingering,  ///< the last answer is sent; the client may still be sending what nobody reads
    kClosed,
  };
  /// What a reading connection waits for.
  enum class Awaiting { kNothing, kHandshake, kRequest, kHeader, kBody };

  /// Runs the function with the mutex held. What it throws (there is no memory left, say) ends the
  /// connection, not the thread.
  template <typename Function>
  void guarded(Function function);

  /// On a worker thread, without the mutex: makes the next piece of the answer and sends it.
  void goOn(BodySource source);

  // All below are called with the mutex held.
  void open(std::string_view sealed);
  void take(std::string_view bytes);
  void heardLast();
  void tlsFailed();
  void noteTlsFailure(TlsFailure failure);
  void sendBytesOfTls();
  void awaitBytesOfTls();
  bool finishBytesOfTls();
  void advance(bool on_io_thread);
  void awaitMore();
  void keepForLater(std::string_view bytes);
  void giveUp();
  void refuse(const Refusal& refusal);
  void serve(FramedRequest framed, bool on_io_thread);
  void send(Response response);
  void sendPiece(BodySource source, Result<std::string> piece);
  void write(AnswerBytes bytes);
  bool writePending();
  void afterWriting();
  void afterAnswer();
  void endSending();
  void discard(std::size_t size);
  void enter(State state);
  void setDeadline(std::chrono::milliseconds from_now);
  void clearDeadline();
  void account();
  void close();
  void abort();
  void leave();

  const std::shared_ptr<ConnectionSettings> settings_;
  const std::string peer_;
  std::atomic<Clock::rep> deadline_;

  std::mutex mutex_;
  Wire wire_;
  State state_ = State::kReading;
  Awaiting awaiting_ = Awaiting::kNothing;
  Framer framer_;
  AnswerForm form_;               ///< of the request that is being answered
  bool hung_up_ = false;          ///< the client sends no more
  bool overrun_ = false;          ///< more was pipelined than is kept: the stream cannot be read on
  std::size_t request_size_ = 0;  ///< of the body that is being answered
  std::size_t accounted_ = 0;     ///< this connection's part of settings_->held
  std::size_t discarded_ = 0;     ///< bytes read and thrown away
  BodySource source_;             ///< what the answer goes on with after what is being written
  bool bytes_of_tls_wait_ = false;  ///< the keeper sends them
  ThreadShare share_;
};

}  // namespace vestibule::http
