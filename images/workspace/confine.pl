#!/usr/bin/perl
# confine <filter> <command…>: becomes the command under a filter of system calls (seccomp(2)), beside the engine's own. The filter is an
# array of struct sock_filter, of packages/sandbox. Perl, for every Debian has it and it has every system call.
use strict;
use warnings;
use POSIX ();

my %PRCTL = (x86_64 => 157, aarch64 => 167);
my ($PR_SET_SECCOMP, $SECCOMP_MODE_FILTER) = (22, 2);

my ($path, @command) = @ARGV;
die "usage: confine <filter> <command>\n" unless @command;
my $prctl = $PRCTL{(POSIX::uname())[4]} or die "confine: this machine is not known\n";

open(my $file, '<:raw', $path) or die "confine: $path: $!\n";
my $filter = do { local $/; <$file> };
close($file);
my $count = length($filter) / 8;
die "confine: $path is no filter\n" if $count < 1 or $count != int($count) or $count > 4096;

# struct sock_fprog: an unsigned short, and at the place of a pointer a pointer.
my $program = pack('S x![P] P', $count, $filter);
syscall($prctl, $PR_SET_SECCOMP, $SECCOMP_MODE_FILTER, $program) == 0 or die "confine: the filter was not taken: $!\n";
exec { $command[0] } @command or die "confine: $command[0]: $!\n";
