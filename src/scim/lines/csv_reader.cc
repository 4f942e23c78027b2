#include "scim/lines/csv_reader.h"

#include <utility>

#include "base/unicode.h"

namespace vestibule::scim {

void CsvReader::feed(std::string_view text) {
  text_.erase(0, at_);
  at_ = 0;
  text_ += text;
}

std::optional<Record> CsvReader::next() {
  if (!began_) {
    if (text_.size() < kByteOrderMark.size() && !finished_) return std::nullopt;
    if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
    began_ = true;
  }
  while (!ready_ && at_ < text_.size()) take(text_[at_++]);
  if (!ready_ && finished_ && state_ != State::kRowStart) {
    if (state_ == State::kQuoted)
      refuse(ErrorKind::kInvalidSyntax, "has a quote that is not closed");
    if (state_ == State::kCarriageReturn) {
      refuse(ErrorKind::kInvalidSyntax, "has a carriage return without a line feed");
    }
    if (state_ != State::kSkip) endField();
    endRow();
  }
  if (!ready_) return std::nullopt;
  ready_ = false;
  return std::exchange(row_, {});
}

void CsvReader::take(char c) {
  const bool line_ends = c == '\n';
  if (state_ == State::kRowStart) {
    row_.line = line_;
    row_bytes_ = 0;
    state_ = State::kFieldStart;
    if (line_ends) {
      ++line_;
      state_ = State::kRowStart;
      return;
    }
  }
  if (line_ends) ++line_;
  if (++row_bytes_ > most_bytes_ && state_ != State::kSkip) {
    refuse(ErrorKind::kPayloadTooLarge,
           "makes the row larger than " + std::to_string(most_bytes_) + " bytes");
  }
  switch (state_) {
    case State::kSkip:
      if (line_ends) endRow();
      return;
    case State::kQuoted:
      if (c == '"') {
        state_ = State::kQuoteInQuoted;
      } else {
        field_ += c;
      }
      return;
    case State::kCarriageReturn:
      if (!line_ends) {
        refuse(ErrorKind::kInvalidSyntax, "has a carriage return without a line feed");
        return;
      }
      // A row of CRLF alone has no byte either.
      if (row_.fields.empty() && field_.empty() && row_bytes_ == 2) {
        state_ = State::kRowStart;
        return;
      }
      endField();
      endRow();
      return;
    case State::kQuoteInQuoted:
      if (c == '"') {
        field_ += c;
        state_ = State::kQuoted;
        return;
      }
      if (c != separator_ && c != '\r' && !line_ends) {
        refuse(ErrorKind::kInvalidSyntax, "has text behind its closing quote");
        return;
      }
      break;
    case State::kFieldStart:
      if (c == '"') {
        state_ = State::kQuoted;
        return;
      }
      state_ = State::kPlain;
      break;
    case State::kPlain:
      if (c == '"') {
        refuse(ErrorKind::kInvalidSyntax, "has a quote inside, and none in front");
        return;
      }
      break;
    case State::kRowStart:
      break;
  }
  if (c == separator_) {
    endField();
  } else if (c == '\r') {
    state_ = State::kCarriageReturn;
  } else if (line_ends) {
    endField();
    if (state_ == State::kSkip || state_ == State::kFieldStart) endRow();
  } else {
    field_ += c;
  }
}

void CsvReader::endField() {
  if (!isValidUtf8(field_) || field_.find('\0') != std::string::npos) {
    refuse(ErrorKind::kInvalidSyntax, "is not UTF-8 text");
    return;
  }
  row_.fields.push_back(std::exchange(field_, {}));
  state_ = State::kFieldStart;
}

void CsvReader::endRow() {
  field_.clear();
  state_ = State::kRowStart;
  ready_ = true;
}

void CsvReader::refuse(ErrorKind kind, std::string_view what) {
  std::string detail = "field " + std::to_string(row_.fields.size() + 1) + " ";
  detail += what;
  row_.refused = Error{kind, std::move(detail), {}, {}, {}};
  row_.fields.clear();
  field_.clear();
  state_ = State::kSkip;
}

}  // namespace vestibule::scim
