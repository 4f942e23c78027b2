#include "http/connection.h"

#include <algorithm>
#include <exception>
#include <typeinfo>

#include "base/log.h"
#include "http/connection_keeper.h"
#include "http/dispatcher.h"

namespace vestibule::http {
namespace {

/// The most bytes read and thrown away before a connection is cut: a client that never stops
/// sending must not keep an I/O thread busy.
constexpr std::size_t kDiscardLimit = 8UL * 1024 * 1024;

}  // namespace

Connection::Connection(std::shared_ptr<ConnectionSettings> settings, UniqueFd socket,
                       std::string peer, std::unique_ptr<TlsSession> tls)
    : settings_(std::move(settings)),
      peer_(std::move(peer)),
      deadline_(Clock::time_point::max().time_since_epoch().count()),
      wire_(std::move(socket), std::move(tls)),
      framer_(settings_->limits,
              [settings = settings_.get()](Method method, std::string_view target) {
                return settings->dispatcher->bodyLimit(method, target);
              }) {
  settings_->open.fetch_add(1);
}

Connection::~Connection() {
  settings_->held.fetch_sub(accounted_);
  settings_->open.fetch_sub(1);
}

Connection::Clock::time_point Connection::deadline() const {
  return Clock::time_point(Clock::duration(deadline_.load(std::memory_order_relaxed)));
}

template <typename Function>
void Connection::guarded(Function function) {
  const std::lock_guard lock(mutex_);
  try {
    function();
  } catch (const std::exception& exception) {
    logEvent(events::kConnectionBroken, {{"exception", typeid(exception).name()}});
    abort();
  }
}

void Connection::start() {
  guarded([&] {
    const bool tls = wire_.tls() != nullptr;
    awaiting_ = tls ? Awaiting::kHandshake : Awaiting::kRequest;
    setDeadline(tls ? settings_->timeouts.header : settings_->timeouts.idle);
  });
}

void Connection::onInput(std::string_view bytes) {
  guarded([&] {
    const bool in_body = state_ == State::kReading && framer_.inBody();
    const auto begin = in_body ? ThreadShare::threadTime() : std::chrono::nanoseconds::zero();
    const auto size_before = framer_.bodySize();
    if (wire_.tls() != nullptr) {
      open(bytes);
    } else {
      take(bytes);
    }
    if (!in_body) return;
    // A body that is complete is not there any more, and needs no allowance.
    share_.spent(ThreadShare::threadTime() - begin,
                 framer_.bodySize() - std::min(size_before, framer_.bodySize()));
  });
}

void Connection::onHangUp() {
  guarded([&] { heardLast(); });
}

void Connection::answer(Response response) {
  guarded([&] {
    if (state_ != State::kServing) return;
    send(std::move(response));
    advance(false);
  });
}

void Connection::onTime(Clock::time_point now) {
  guarded([&] {
    if (now >= deadline()) giveUp();
  });
}

bool Connection::onWritable() {
  bool more = false;
  guarded([&] {
    // The keeper may let go of the connection after this: to be asked twice is better than never.
    bytes_of_tls_wait_ = false;
    if (state_ != State::kWriting) {
      more = finishBytesOfTls();
      return;
    }
    const auto written_before = wire_.written();
    if (writePending()) {
      afterWriting();
      advance(false);
      return;
    }
    more = state_ == State::kWriting;
    if (more && wire_.written() > written_before) setDeadline(settings_->timeouts.write);
  });
  return more;
}

void Connection::cut() {
  guarded([&] {
    if (state_ == State::kServing || state_ == State::kWriting) {
      abort();
    } else {
      close();
    }
  });
}

/// Takes what a client says.
void Connection::take(std::string_view bytes) {
  switch (state_) {
    case State::kReading:
      framer_.append(bytes);
      advance(true);
      break;
    case State::kServing:
    case State::kWriting:
      keepForLater(bytes);
      break;
    case State::kLingering:
      discard(bytes.size());
      break;
    case State::kClosed:
      break;
  }
}

/// The client sends no more.
void Connection::heardLast() {
  hung_up_ = true;
  if (state_ == State::kReading && awaiting_ == Awaiting::kHandshake) {
    noteTlsFailure(TlsFailure::kTooLate);
  }
  if (state_ == State::kReading || state_ == State::kLingering) close();
}

/// Pistache cannot be told to stop reading, so what is pipelined must fit the backlog.
void Connection::keepForLater(std::string_view bytes) {
  if (overrun_ || framer_.backlog() + bytes.size() > settings_->backlog) {
    overrun_ = true;
    discard(bytes.size());
  } else {
    framer_.append(bytes);
    account();
  }
}

/// The client has taken too long.
void Connection::giveUp() {
  switch (state_) {
    case State::kReading:
      if (awaiting_ == Awaiting::kRequest || awaiting_ == Awaiting::kHandshake) {
        if (awaiting_ == Awaiting::kHandshake) noteTlsFailure(TlsFailure::kTooLate);
        close();
      } else {
        refuse({408, "the request took too long"});
      }
      break;
    case State::kWriting:
      abort();
      break;
    case State::kLingering:
      if (discarded_ > 0) {
        abort();
      } else {
        close();
      }
      break;
    case State::kServing:
    case State::kClosed:
      clearDeadline();
      break;
  }
}

/// Serves what is complete, one request after the other, until one has to be waited for.
void Connection::advance(bool on_io_thread) {
  while (state_ == State::kReading) {
    switch (framer_.next()) {
      case Framer::Progress::kNeedMore:
        account();
        awaitMore();
        return;
      case Framer::Progress::kRefused:
        refuse(framer_.refusal());
        return;
      case Framer::Progress::kComplete:
        serve(framer_.take(), on_io_thread);
        break;
    }
  }
}

/// Sets the clock of what is missing; a clock that runs already is never pushed back.
void Connection::awaitMore() {
  if (hung_up_) return close();
  if (framer_.inBody() && (settings_->held.load(std::memory_order_relaxed) > settings_->memory ||
                           share_.hogsThread(settings_->body_allowance))) {
    return refuse({503, "the server is busy"});
  }
  auto awaited = Awaiting::kRequest;
  auto limit = settings_->timeouts.idle;
  if (framer_.inBody()) {
    awaited = Awaiting::kBody;
    limit = settings_->timeouts.body;
  } else if (framer_.inRequest()) {
    awaited = Awaiting::kHeader;
    limit = settings_->timeouts.header;
  }
  if (awaited != awaiting_) {
    awaiting_ = awaited;
    setDeadline(limit);
  }
  if (framer_.takeContinue()) {
    // A client that has no room for 25 bytes has not read its earlier answers.
    if (wire_.send("HTTP/1.1 100 Continue\r\n\r\n") != Wire::Progress::kDone) close();
  }
}

void Connection::refuse(const Refusal& refusal) {
  form_ = {};
  enter(State::kServing);
  send(settings_->dispatcher->turnDown(refusal));
}

void Connection::serve(FramedRequest framed, bool on_io_thread) {
  settings_->requests.fetch_add(1, std::memory_order_relaxed);
  form_ = {.keep_alive = framed.keep_alive,
           .http10 = framed.http10,
           .head = framed.request.method == Method::kHead};
  request_size_ = framed.request.body.size();
  framed.request.peer = peer_;
  framed.request.secure = wire_.tls() != nullptr;
  enter(State::kServing);
  account();
  const bool here = on_io_thread && share_.mayAnswerHere();
  auto ready = settings_->dispatcher->dispatch(
      std::move(framed), here,
      [self = shared_from_this()](Response response) { self->answer(std::move(response)); });
  if (!ready) return;
  if (!here) form_.keep_alive = false;  // many requests at once, and no worker has time for them
  send(*std::move(ready));
}

void Connection::send(Response response) {
  if (overrun_ || settings_->dispatcher->draining()) form_.keep_alive = false;
  request_size_ = 0;
  form_.streamed = response.rest != nullptr;
  if (form_.streamed && form_.http10) form_.keep_alive = false;  // its end is the end of the body
  const bool bodiless = form_.head || response.status == 204 || response.status == 304;
  source_ = bodiless ? nullptr : std::exchange(response.rest, nullptr);
  write(serialize(std::move(response), form_));
}

void Connection::goOn(BodySource source) {
  auto piece = source();
  guarded([&] {
    if (state_ != State::kServing) return;
    sendPiece(std::move(source), std::move(piece));
    advance(false);
  });
}

void Connection::sendPiece(BodySource source, Result<std::string> piece) {
  if (!piece) {
    const Error& error = piece.error();
    logEvent(events::kAnswerCutOff,
             {{"reason", error.internal.empty() ? error.detail : error.internal}});
    return abort();
  }
  if (!piece->empty()) source_ = std::move(source);
  write(serializePiece(*std::move(piece), form_));
}

/// Sends the bytes, or as many of them as the socket takes; the keeper sends the others.
void Connection::write(AnswerBytes bytes) {
  wire_.put(std::move(bytes));
  if (writePending()) return afterWriting();
  if (state_ == State::kClosed) return;
  enter(State::kWriting);
  account();
  if (settings_->held.load(std::memory_order_relaxed) > settings_->memory) return abort();
  setDeadline(settings_->timeouts.write);
  settings_->keeper->finishWriting(shared_from_this());
}

/// True when everything is written. False when the socket is full, and when the connection has
/// broken and is now closed.
bool Connection::writePending() {
  const auto progress = wire_.send();
  if (progress == Wire::Progress::kBroken) close();
  return progress == Wire::Progress::kDone;
}

/// What was pending is written: that was all, or a worker makes more.
void Connection::afterWriting() {
  if (!source_) return afterAnswer();
  enter(State::kServing);
  account();
  const bool resumed = settings_->dispatcher->resume(
      [self = shared_from_this(), source = std::exchange(source_, nullptr)](bool running) {
        if (running) {
          self->goOn(source);
        } else {
          self->cut();
        }
      });
  if (!resumed) abort();
}

void Connection::afterAnswer() {
  if (form_.keep_alive && !overrun_) {
    enter(State::kReading);
    awaiting_ = Awaiting::kNothing;
    clearDeadline();
    return;
  }
  if (hung_up_) return close();
  endSending();
}

/// Closing at once could destroy what was sent: the kernel resets a connection that is closed with
/// input unread.
void Connection::endSending() {
  const auto progress = wire_.endSending();
  if (progress == Wire::Progress::kBroken) return close();
  enter(State::kLingering);
  setDeadline(settings_->timeouts.linger);
  account();
  if (progress == Wire::Progress::kFull) awaitBytesOfTls();
}

void Connection::discard(std::size_t size) {
  discarded_ += size;
  if (discarded_ > kDiscardLimit) abort();
}

void Connection::enter(State state) {
  const auto busy = [](State s) { return s == State::kServing || s == State::kWriting; };
  if (busy(state) && !busy(state_)) settings_->answering.fetch_add(1);
  if (!busy(state) && busy(state_)) settings_->answering.fetch_sub(1);
  if (state == State::kServing) clearDeadline();
  state_ = state;
}

void Connection::setDeadline(std::chrono::milliseconds from_now) {
  deadline_.store((Clock::now() + from_now).time_since_epoch().count(), std::memory_order_relaxed);
}

void Connection::clearDeadline() {
  deadline_.store(Clock::time_point::max().time_since_epoch().count(), std::memory_order_relaxed);
}

void Connection::account() {
  const auto holds =
      state_ == State::kReading || state_ == State::kServing || state_ == State::kWriting
          ? framer_.held() + request_size_ + wire_.pending()
          : 0;
  // Unsigned arithmetic wraps, so a smaller number subtracts.
  if (holds != accounted_) settings_->held.fetch_add(holds - accounted_, std::memory_order_relaxed);
  accounted_ = holds;
}

/// Closes by a reset. For clients that go on sending, or do not read: after an orderly close the
/// kernel would keep the socket for a minute, offering the rest of the answer or leaving the
/// client's bytes without a word.
void Connection::abort() {
  wire_.resetAtClose();
  wire_.shutDown();
  leave();
}

/// Ends the connection the orderly way.
void Connection::close() {
  if (state_ == State::kClosed) return;
  wire_.close();
  leave();
}

/// Pistache sees the end of the stream, drops its own descriptor and its part in this object.
void Connection::leave() {
  if (state_ == State::kClosed) return;
  enter(State::kClosed);
  clearDeadline();
  source_ = nullptr;
  account();
}

}  // namespace vestibule::http
