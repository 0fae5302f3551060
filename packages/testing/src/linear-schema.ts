/**
 * The part of Linear's GraphQL schema that the fake executes; names, arguments and nullability as in
 * https://studio.apollographql.com/public/Linear-API/variant/current/schema/reference
 */
export const LINEAR_SCHEMA = /* GraphQL */ `
  scalar DateTime

  type Query {
    viewer: User!
    teams(first: Int, last: Int, after: String, before: String): TeamConnection!
    team(id: String!): Team!
    issues(first: Int, last: Int, after: String, before: String, filter: IssueFilter): IssueConnection!
    issue(id: String!): Issue!
    searchIssues(term: String!, first: Int, last: Int, after: String, before: String): IssueSearchPayload!
  }

  type Mutation {
    issueCreate(input: IssueCreateInput!): IssuePayload!
    issueUpdate(id: String!, input: IssueUpdateInput!): IssuePayload!
    issueArchive(id: String!): IssueArchivePayload!
    issueDelete(id: String!): IssueArchivePayload!
    commentCreate(input: CommentCreateInput!): CommentPayload!
  }

  type User {
    id: ID!
    name: String!
    displayName: String!
    email: String!
  }
  type PageInfo {
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
    endCursor: String
  }
  type Team {
    id: ID!
    key: String!
    name: String!
  }
  type TeamConnection {
    nodes: [Team!]!
    pageInfo: PageInfo!
  }
  type WorkflowState {
    id: ID!
    name: String!
    type: String!
  }
  type Issue {
    id: ID!
    identifier: String!
    number: Float!
    title: String!
    description: String
    priority: Float!
    url: String!
    createdAt: DateTime!
    updatedAt: DateTime!
    archivedAt: DateTime
    team: Team!
    state: WorkflowState!
    creator: User
    assignee: User
    comments(first: Int, last: Int, after: String, before: String): CommentConnection!
  }
  type IssueConnection {
    nodes: [Issue!]!
    pageInfo: PageInfo!
  }
  type IssueSearchResult {
    id: ID!
    identifier: String!
    number: Float!
    title: String!
    description: String
    priority: Float!
    url: String!
    createdAt: DateTime!
    updatedAt: DateTime!
    team: Team!
    state: WorkflowState!
  }
  type IssueSearchPayload {
    nodes: [IssueSearchResult!]!
    pageInfo: PageInfo!
    totalCount: Float!
  }
  type Comment {
    id: ID!
    body: String!
    url: String!
    createdAt: DateTime!
    user: User
    issue: Issue
  }
  type CommentConnection {
    nodes: [Comment!]!
    pageInfo: PageInfo!
  }
  type IssuePayload {
    success: Boolean!
    lastSyncId: Float!
    issue: Issue
  }
  type IssueArchivePayload {
    success: Boolean!
    lastSyncId: Float!
  }
  type CommentPayload {
    success: Boolean!
    lastSyncId: Float!
    comment: Comment!
  }

  input StringComparator {
    eq: String
    neq: String
    contains: String
    containsIgnoreCase: String
  }
  input TeamFilter {
    key: StringComparator
    name: StringComparator
  }
  input IssueFilter {
    title: StringComparator
    team: TeamFilter
  }
  input IssueCreateInput {
    id: String
    teamId: String!
    title: String
    description: String
    priority: Int
    assigneeId: String
    stateId: String
    labelIds: [String!]
  }
  input IssueUpdateInput {
    title: String
    description: String
    priority: Int
    assigneeId: String
    stateId: String
    labelIds: [String!]
  }
  input CommentCreateInput {
    id: String
    issueId: String
    body: String
  }
`;
