import { markResponse, type ResponseMarks } from './response-marks.ts';

/** The response with the marks on it: a copy where its headers cannot be changed, as those of `Response.redirect()`. */
export function marked(response: Response, marks: ResponseMarks): Response {
  try {
    markResponse(response.headers, marks);
    return response;
  } catch {
    const { status, statusText } = response;
    const headers = new Headers(response.headers);
    markResponse(headers, marks);
    return new Response(response.body, { status, statusText, headers });
  }
}
