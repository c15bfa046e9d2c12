#include "transfer.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static void start(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

static size_t header(char *bytes, size_t size, size_t count, void *context) {
    const transfer_request *request = context;
    return request->header(bytes, size * count, request->context);
}

static size_t body(char *bytes, size_t size, size_t count, void *context) {
    const transfer_request *request = context;
    return request->body(bytes, size * count, request->context);
}

static void restrict_protocols(CURL *curl, bool stays_secure) {
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, stays_secure ? "https" : "http,https");
#else
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
    curl_easy_setopt(
        curl, CURLOPT_REDIR_PROTOCOLS, (long)(stays_secure ? CURLPROTO_HTTPS : CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

transfer_outcome transfer_perform(const transfer_request *request, char *message) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start);
    message[0] = 0;
    CURL *curl = curl_easy_init();
    if (!curl) {
        snprintf(message, transfer_message_size, "libcurl has no memory");
        return transfer_refused;
    }
    struct curl_slist *lines = request->authorization ? curl_slist_append(NULL, request->authorization) : NULL;
    char range[32], reason[CURL_ERROR_SIZE] = "";
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, request->agent);
    if (lines) curl_easy_setopt(curl, CURLOPT_HTTPHEADER, lines);
    if (request->from > 0) {
        snprintf(range, sizeof range, "%lld-", (long long)request->from);
        curl_easy_setopt(curl, CURLOPT_RANGE, range);
    }
    restrict_protocols(curl, request->stays_secure);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 10L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, request->connect_seconds);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, request->stall_seconds);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, (void *)request);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, (void *)request);
    CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK)
        snprintf(message, transfer_message_size, "%s", reason[0] ? reason : curl_easy_strerror(code));
    curl_slist_free_all(lines);
    curl_easy_cleanup(curl);
    switch (code) {
    case CURLE_OK: return transfer_done;
    case CURLE_WRITE_ERROR: return transfer_ended_by_receiver;
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return transfer_broken;
    default: return transfer_refused;
    }
}
