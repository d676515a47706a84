DROP VIEW facilities.invitation_details;
DROP TABLE facilities.invitations;
