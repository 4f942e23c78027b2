#include "store/operation_statements.h"

namespace vestibule::store {
namespace {

constexpr std::string_view kNow = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))";
constexpr std::string_view kOperationColumns =
    "SELECT seq, id, state, due, attempts, LOWER(HEX(token_id)), request_digest, idp_name, "
    "subject, "
    "correlation_id, request, outcome, domain_number, user_id, user_groups, code, detail, created, "
    "finished FROM {control}.operations ";

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

}  // namespace

std::string operationText(std::string_view sql, std::string_view control) {
  auto text = replaced(std::string(sql), "{operation}", kOperationColumns);
  return forSchemas(replaced(std::move(text), "{now}", kNow), {}, control);
}

std::vector<StatementText> operationStatements() {
  std::vector<StatementText> all;
  const auto add = [&](std::string name, std::string_view sql) {
    all.push_back({std::move(name), operationText(sql, "{control}")});
  };
  add("insertOperation", sql::kInsertOperation);
  add("operation", sql::kOperation);
  add("operationByKey", sql::kOperationByKey);
  add("claimable", sql::kClaimable);
  add("claimOperations", sql::kClaimOperations);
  add("operationsOfRows", sql::kOperationsOfRows);
  add("expiredLeases", sql::kExpiredLeases);
  add("requeueOperations", sql::kRequeueOperations);
  add("finishOperation", sql::kFinishOperation);
  add("finishOperationOrFail", sql::kFinishOperationOrFail);
  add("postponeOperation", sql::kPostponeOperation);
  add("buryOperation", sql::kBuryOperation);
  add("releaseOperations", sql::kReleaseOperations);
  add("forgetOperation", sql::kForgetOperation);
  add("lockOperation", sql::kLockOperation);
  add("laterDone", sql::kLaterDone);
  add("retryOperation", sql::kRetryOperation);
  add("dropOperation", sql::kDropOperation);
  add("operationsInState", sql::kOperationsInState);
  add("endedAmong", sql::kEndedAmong);
  add("oldOperations", sql::kOldOperations);
  add("deleteOperations", sql::kDeleteOperations);
  add("countOperations", sql::kCountOperations);
  return all;
}

}  // namespace vestibule::store
