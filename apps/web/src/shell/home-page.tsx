import { useQuery } from '@tanstack/react-query';
import { Navigate } from '@tanstack/react-router';
import { meQuery } from '../api/me.js';

/** Where one begins: at the workspaces, where there are any to be had. */
export const HomePage = () => {
  const me = useQuery(meQuery).data;
  if (me === undefined) return null;
  if (me.workspaces) return <Navigate to="/workspaces" replace />;
  return <Navigate to="/approvals" search={{ state: 'pending' }} replace />;
};
